/** The media kind of a file, decided by its name. */

export const mediaKinds = [
  'picture',
  'locked_cut',
  'frame',
  'audio',
  'timed_text',
  'image',
  'manifest',
  'document',
  'other',
] as const;
export type MediaKind = (typeof mediaKinds)[number];

/**
 * Media kinds by extension. A Map, because an object would also find `constructor` for the file name `x.constructor`.
 */
const extensions = new Map<string, MediaKind>([
  ...group('picture', 'mov mxf mp4 m4v mkv avi ts m2ts webm hevc h264 r3d braw crm'),
  ...group('frame', 'dpx exr sxr tif tiff cin tga ari arx dng j2c j2k'),
  ...group('audio', 'wav bwf aif aiff flac mp3 m4a aac w64 rf64 adm'),
  ...group('timed_text', 'ttml xml srt vtt dfxp stl scc imsc itt'),
  ...group('image', 'jpg jpeg png psd psb webp gif svg ai jp2 heic heif cr2 cr3 nef arw raf orf rw2'),
  ...group(
    'manifest',
    'md5 mhl xxh xxh3 xxh32 xxh64 xxh128 xxhash sha1 sha224 sha256 sha384 sha512 sfv b3 c4 hashdeep',
  ),
  ...group('document', 'pdf txt doc docx xls xlsx csv edl aaf fcpxml cube rtf ale md json'),
]);

export function mediaKind(name: string): MediaKind {
  const extension = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  const kind = extensions.get(extension) ?? 'other';
  if (kind === 'picture' && /locked|[-_.]cut([-_.]|$)/i.test(name)) return 'locked_cut';
  return kind;
}

function group(kind: MediaKind, names: string): [string, MediaKind][] {
  return names.split(' ').map((name) => [name, kind]);
}
