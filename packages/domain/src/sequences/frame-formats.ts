/**
 * The file formats of frames, and how likely a number in such a name counts frames. `docs/sequences.md` has the table.
 */

/** `frame`: almost always frames; `either`: frames as often as single pictures; `picture`: mostly single pictures. */
export type FrameFormat = 'frame' | 'either' | 'picture';

const formats = new Map<string, FrameFormat>([
  ...group('frame', 'exr sxr dpx cin ari arx tga icb vda vst j2c j2k jpc rla rpf sgi rgb rgba iff pic hdr'),
  ...group('either', 'tif tiff dng jp2 jpf jpx jph'),
  ...group('picture', 'jpg jpeg jpe png apng webp heic heif avif jxl bmp ppm pgm pnm pbm'),
  // Photographs and time lapses of cameras. Clips that hold many frames in one file (r3d, braw, crm, mxf) are not listed.
  ...group('picture', 'raw cr2 cr3 crw nef nrw arw sr2 srf raf orf rw2 pef srw 3fr fff iiq rwl'),
]);

/** Returns null for formats whose files are never frames. */
export function frameFormat(extension: string): FrameFormat | null {
  return formats.get(extension) ?? formats.get(extension.toLowerCase()) ?? null;
}

function group(format: FrameFormat, extensions: string): [string, FrameFormat][] {
  return extensions.split(' ').map((extension) => [extension, format]);
}
