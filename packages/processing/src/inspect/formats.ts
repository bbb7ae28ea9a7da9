/** The formats that inspection can tell apart by their first bytes, and what each extension promises. */

/** Formats of one family can stand in for each other: the file is read, with a warning. */
export type Family = 'movie' | 'sound' | 'image' | 'text' | 'document';
export type Reader =
  'mediainfo' | 'wave' | 'dpx' | 'exr' | 'still' | 'text' | 'imf' | 'dolby_vision' | 'none';

type Format = { name: string; family: Family; reader: Reader };

export const formats = {
  quicktime: { name: 'QuickTime', family: 'movie', reader: 'mediainfo' },
  mp4: { name: 'MPEG-4', family: 'movie', reader: 'mediainfo' },
  mxf: { name: 'MXF', family: 'movie', reader: 'mediainfo' },
  matroska: { name: 'Matroska', family: 'movie', reader: 'mediainfo' },
  avi: { name: 'AVI', family: 'movie', reader: 'mediainfo' },
  transport_stream: { name: 'MPEG-TS', family: 'movie', reader: 'mediainfo' },
  program_stream: { name: 'MPEG-PS', family: 'movie', reader: 'mediainfo' },
  video_stream: { name: 'H.264/H.265', family: 'movie', reader: 'mediainfo' },
  red: { name: 'REDCODE', family: 'movie', reader: 'none' },
  canon_raw: { name: 'Canon RAW', family: 'movie', reader: 'none' },
  flash_video: { name: 'Flash Video', family: 'movie', reader: 'mediainfo' },
  asf: { name: 'Windows Media', family: 'movie', reader: 'mediainfo' },
  gxf: { name: 'GXF', family: 'movie', reader: 'mediainfo' },
  wave: { name: 'WAVE', family: 'sound', reader: 'wave' },
  wave64: { name: 'Wave64', family: 'sound', reader: 'mediainfo' },
  aiff: { name: 'AIFF', family: 'sound', reader: 'mediainfo' },
  flac: { name: 'FLAC', family: 'sound', reader: 'mediainfo' },
  mpeg_audio: { name: 'MPEG Audio', family: 'sound', reader: 'mediainfo' },
  aac: { name: 'AAC', family: 'sound', reader: 'mediainfo' },
  m4a: { name: 'MPEG-4 audio', family: 'sound', reader: 'mediainfo' },
  ogg: { name: 'Ogg', family: 'sound', reader: 'mediainfo' },
  ac3: { name: 'AC-3', family: 'sound', reader: 'mediainfo' },
  caf: { name: 'Core Audio', family: 'sound', reader: 'mediainfo' },
  dpx: { name: 'DPX', family: 'image', reader: 'dpx' },
  exr: { name: 'OpenEXR', family: 'image', reader: 'exr' },
  cineon: { name: 'Cineon', family: 'image', reader: 'mediainfo' },
  tiff: { name: 'TIFF', family: 'image', reader: 'still' },
  jpeg: { name: 'JPEG', family: 'image', reader: 'still' },
  png: { name: 'PNG', family: 'image', reader: 'still' },
  webp: { name: 'WebP', family: 'image', reader: 'still' },
  gif: { name: 'GIF', family: 'image', reader: 'still' },
  avif: { name: 'AVIF', family: 'image', reader: 'still' },
  heic: { name: 'HEIF', family: 'image', reader: 'mediainfo' },
  jpeg2000: { name: 'JPEG 2000', family: 'image', reader: 'mediainfo' },
  photoshop: { name: 'Photoshop', family: 'image', reader: 'mediainfo' },
  arriraw: { name: 'ARRIRAW', family: 'image', reader: 'mediainfo' },
  camera_raw: { name: 'camera raw', family: 'image', reader: 'none' },
  bitmap: { name: 'BMP', family: 'image', reader: 'mediainfo' },
  svg: { name: 'SVG', family: 'image', reader: 'still' },
  ttml: { name: 'TTML', family: 'text', reader: 'text' },
  web_vtt: { name: 'WebVTT', family: 'text', reader: 'text' },
  subrip: { name: 'SubRip', family: 'text', reader: 'text' },
  scenarist: { name: 'SCC', family: 'text', reader: 'text' },
  ebu_stl: { name: 'EBU STL', family: 'text', reader: 'text' },
  imf: { name: 'IMF XML', family: 'text', reader: 'imf' },
  dolby_vision: { name: 'Dolby Vision XML', family: 'text', reader: 'dolby_vision' },
  xml: { name: 'XML', family: 'text', reader: 'none' },
  text: { name: 'text', family: 'text', reader: 'none' },
  pdf: { name: 'PDF', family: 'document', reader: 'none' },
  postscript: { name: 'PostScript', family: 'document', reader: 'none' },
  zip: { name: 'ZIP', family: 'document', reader: 'none' },
  compound: { name: 'Microsoft compound file', family: 'document', reader: 'none' },
  gzip: { name: 'gzip', family: 'document', reader: 'none' },
  seven_zip: { name: '7-Zip', family: 'document', reader: 'none' },
  rar: { name: 'RAR', family: 'document', reader: 'none' },
  program: { name: 'program', family: 'document', reader: 'none' },
} satisfies Record<string, Format>;
export type FormatName = keyof typeof formats;

/**
 * The formats that a file with each extension may have. Formats that cannot be recognised by their first bytes, such as TGA, are not listed.
 * Plain text stands for any text.
 */
const promises = new Map<string, FormatName[]>([
  ...promise('quicktime', 'mov braw'),
  ...promise('mp4', 'mp4 m4v'),
  ...promise('mxf', 'mxf'),
  ...promise('matroska', 'mkv webm'),
  ...promise('avi', 'avi'),
  ...promise('transport_stream', 'ts m2ts'),
  ...promise('video_stream', 'h264 hevc'),
  ...promise('red', 'r3d'),
  ...promise('canon_raw', 'crm'),
  ...promise('wave', 'wav bwf rf64'),
  ...promise('wave64', 'w64'),
  ...promise('aiff', 'aif aiff'),
  ...promise('flac', 'flac'),
  ...promise('mpeg_audio', 'mp3'),
  ...promise('m4a', 'm4a'),
  ...promise('aac', 'aac'),
  ...promise('dpx', 'dpx'),
  ...promise('exr', 'exr sxr'),
  ...promise('cineon', 'cin'),
  ...promise('tiff', 'tif tiff'),
  ...promise('arriraw', 'ari arx'),
  ...promise('jpeg2000', 'jp2 j2c j2k'),
  ...promise('jpeg', 'jpg jpeg'),
  ...promise('png', 'png'),
  ...promise('webp', 'webp'),
  ...promise('gif', 'gif'),
  ...promise('heic', 'heic heif'),
  ...promise('photoshop', 'psd psb'),
  ...promise('svg', 'svg'),
  ...promise('camera_raw', 'dng nef arw cr2 cr3 raf orf rw2'),
  ...promise('ttml', 'ttml dfxp imsc itt'),
  ...promise('web_vtt', 'vtt'),
  ...promise('scenarist', 'scc'),
  ...promise('subrip', 'srt'),
  ...promise('xml', 'xml fcpxml'),
  ...promise('pdf', 'pdf'),
  ...promise('zip', 'docx xlsx'),
  ...promise('compound', 'doc xls aaf'),
  ...promise('text', 'txt csv edl cube rtf ale md json'),
  ...promise(
    'text',
    'md5 mhl xxh xxh3 xxh32 xxh64 xxh128 xxhash sha1 sha224 sha256 sha384 sha512 sfv b3 c4 hashdeep',
  ),
  // An Illustrator file is a PDF, or PostScript before 2000. Files with this extension are EBU's binary subtitles, or
  // text.
  ['ai', ['pdf', 'postscript']],
  ['stl', ['ebu_stl', 'text']],
]);

/** Returns the formats that fit the extension of a name; undefined for unlisted extensions. */
export function promisedFormats(name: string): readonly FormatName[] | undefined {
  return promises.get(/\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '');
}

/**
 * Formats that also satisfy the promise of another one: special cases of it, or formats that share a name in practice.
 */
const alsoKeeps: Partial<Record<FormatName, FormatName[]>> = {
  mp4: ['m4a'],
  m4a: ['mp4'],
  avif: ['heic'],
  tiff: ['camera_raw'],
  canon_raw: ['camera_raw'],
  ttml: ['xml', 'text'],
  imf: ['xml', 'text'],
  dolby_vision: ['xml', 'text'],
  svg: ['xml', 'text'],
  xml: ['text'],
  web_vtt: ['text'],
  subrip: ['text'],
  scenarist: ['text'],
  // The first cue of a subtitle file may be damaged; checking cues is not part of recognising the format.
  text: ['subrip'],
};

export type Agreement = 'agrees' | 'same_family' | 'differs';

/** Whether the content is what the extension promises. Null stands for content that is no known format. */
export function agreementOf(found: FormatName | null, promised: readonly FormatName[]): Agreement {
  if (found === null) return 'differs';
  if (promised.includes(found) || alsoKeeps[found]?.some((other) => promised.includes(other)))
    return 'agrees';
  const { family } = formats[found];
  if (family === 'document' || isPlain(found) || promised.some(isPlain)) return 'differs';
  return promised.some((each) => formats[each].family === family) ? 'same_family' : 'differs';
}

function isPlain(format: FormatName): boolean {
  return format === 'text' || format === 'xml';
}

function promise(format: FormatName, extensions: string): [string, FormatName[]][] {
  return extensions.split(' ').map((extension) => [extension, [format]]);
}
