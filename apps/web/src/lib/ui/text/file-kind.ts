/** Guesses the kind of a file from its extension: for icons only, never for decisions. */
export const fileKinds = [
  'folder',
  'video',
  'audio',
  'image',
  'sequence',
  'text',
  'manifest',
  'archive',
  'document',
  'other',
] as const;
export type FileKind = (typeof fileKinds)[number];

const extensions: Partial<Record<FileKind, string>> = {
  video: 'mov mp4 mxf mkv avi m4v webm mts m2ts ts r3d braw crm mpg',
  audio: 'wav bwf aif aiff flac mp3 aac m4a ogg opus caf w64 rf64 atmos',
  image: 'jpg jpeg png gif webp avif heic psd tga bmp svg cr2 cr3 nef arw raf orf rw2',
  sequence: 'exr sxr dpx cin tif tiff j2c j2k ari arx dng',
  text: 'srt vtt ttml dfxp itt stl scc xml ass',
  manifest: 'md5 mhl xxh xxh64 xxh128 sha1 sha256 sfv',
  archive: 'zip tar gz tgz bz2 xz 7z rar',
  document: 'pdf doc docx xls xlsx csv txt rtf edl aaf fcpxml otio json md',
};

const kindOfExtension = new Map(
  Object.entries(extensions).flatMap(([kind, list]) =>
    list.split(' ').map((each) => [each, kind as FileKind]),
  ),
);

export function fileKindOf(name: string): FileKind {
  const lower = name.toLowerCase();
  if (/(^|[._-])checksums?\.txt$/.test(lower)) return 'manifest';
  const extension = /\.([^.]+)$/.exec(lower)?.[1] ?? '';
  return kindOfExtension.get(extension) ?? 'other';
}
