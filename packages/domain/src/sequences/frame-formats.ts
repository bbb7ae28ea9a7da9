/** Which file formats hold frames, and how much a number in a name of that format says. The table of `docs/sequences.md`. */

/** `frame`: hardly anything else; `either`: frames as often as single pictures; `picture`: single pictures more often than frames. */
export type FrameFormat = 'frame' | 'either' | 'picture';

const formats = new Map<string, FrameFormat>([
  ...group('frame', 'exr sxr dpx cin ari arx tga icb vda vst j2c j2k jpc rla rpf sgi rgb rgba iff pic hdr'),
  ...group('either', 'tif tiff dng jp2 jpf jpx jph'),
  ...group('picture', 'jpg jpeg jpe png apng webp heic heif avif jxl bmp ppm pgm pnm pbm'),
  // Photographs of a camera, and its time lapses. Clips that hold many frames in one file (r3d, braw, crm, mxf) are no frames.
  ...group('picture', 'raw cr2 cr3 crw nef nrw arw sr2 srf raf orf rw2 pef srw 3fr fff iiq rwl'),
]);

/** Null: files of this format are never frames. */
export function frameFormat(extension: string): FrameFormat | null {
  return formats.get(extension) ?? formats.get(extension.toLowerCase()) ?? null;
}

function group(format: FrameFormat, extensions: string): [string, FrameFormat][] {
  return extensions.split(' ').map((extension) => [extension, format]);
}
