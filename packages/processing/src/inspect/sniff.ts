/** Recognises the format of a file by its first bytes, whatever its name is. */
import { formats, type FormatName } from './formats.ts';
import { openFile } from './source.ts';
import { dolbyVisionRoot } from './text/dolby-vision.ts';
import { textOf } from './text/encoding.ts';

/** An MXF file may begin with up to 64 KiB of something else. */
export const sampleBytes = 64 * 1024 + 16;

/** `format` is null for unknown content; `found` names the content in words. */
export type Content = { format: FormatName | null; found: string };

export function sniff(sample: Buffer): Content {
  const text = textOf(sample)?.text;
  const format = text === undefined ? binaryFormat(sample) : textFormat(text);
  if (format) return { format, found: formats[format].name };
  return { format: null, found: sample.every((byte) => byte === 0) ? 'only zeros' : 'unknown data' };
}

type Sign = [FormatName, number, string | readonly number[]];

/** Format, position, and the bytes at that position. */
const signs: Sign[] = [
  ['matroska', 0, [0x1a, 0x45, 0xdf, 0xa3]],
  ['red', 4, 'RED1'],
  ['red', 4, 'RED2'],
  ['flash_video', 0, 'FLV\u0001'],
  ['asf', 0, [0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11]],
  ['gxf', 0, [0, 0, 0, 0, 1, 0xbc]],
  ['wave64', 0, [0x72, 0x69, 0x66, 0x66, 0x2e, 0x91, 0xcf, 0x11]],
  ['flac', 0, 'fLaC'],
  ['ogg', 0, 'OggS'],
  ['caf', 0, 'caff'],
  ['ac3', 0, [0x0b, 0x77]],
  ['mpeg_audio', 0, 'ID3'],
  ['dpx', 0, 'SDPX'],
  ['dpx', 0, 'XPDS'],
  ['exr', 0, [0x76, 0x2f, 0x31, 0x01]],
  ['cineon', 0, [0x80, 0x2a, 0x5f, 0xd7]],
  ['cineon', 0, [0xd7, 0x5f, 0x2a, 0x80]],
  ['camera_raw', 0, 'FUJIFILMCCD-RAW'],
  ['camera_raw', 0, 'IIRO'],
  ['camera_raw', 0, 'IIRS'],
  ['camera_raw', 0, [0x49, 0x49, 0x55, 0]],
  ['tiff', 0, [0x49, 0x49, 0x2a, 0]],
  ['tiff', 0, [0x49, 0x49, 0x2b, 0]],
  ['tiff', 0, [0x4d, 0x4d, 0, 0x2a]],
  ['tiff', 0, [0x4d, 0x4d, 0, 0x2b]],
  ['jpeg', 0, [0xff, 0xd8, 0xff]],
  ['png', 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['gif', 0, 'GIF87a'],
  ['gif', 0, 'GIF89a'],
  ['jpeg2000', 0, [0, 0, 0, 12, 0x6a, 0x50, 0x20, 0x20, 0x0d, 0x0a, 0x87, 0x0a]],
  ['jpeg2000', 0, [0xff, 0x4f, 0xff, 0x51]],
  ['photoshop', 0, '8BPS'],
  ['arriraw', 0, 'ARRI'],
  ['ebu_stl', 3, 'STL'],
  ['zip', 0, [0x50, 0x4b, 0x03, 0x04]],
  ['zip', 0, [0x50, 0x4b, 0x05, 0x06]],
  ['compound', 0, [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]],
  ['gzip', 0, [0x1f, 0x8b]],
  ['seven_zip', 0, [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ['rar', 0, 'Rar!\u001a\u0007'],
  ['program', 0, [0x7f, 0x45, 0x4c, 0x46]],
  ['program_stream', 0, [0, 0, 1, 0xba]],
  ['video_stream', 0, [0, 0, 1]],
  ['video_stream', 0, [0, 0, 0, 1]],
];

function binaryFormat(sample: Buffer): FormatName | null {
  const sign = signs.find(([, at, bytes]) => matches(sample, at, bytes));
  if (sign) return sign[0];
  return (
    riffFormat(sample) ??
    boxFormat(sample) ??
    (sample.subarray(0, 1024).includes('%PDF-') ? 'pdf' : null) ??
    (sample.includes(partitionKey) ? 'mxf' : null) ??
    (isProgram(sample) ? 'program' : null) ??
    bitmapFormat(sample) ??
    streamFormat(sample)
  );
}

function matches(sample: Buffer, at: number, sign: string | readonly number[]): boolean {
  const bytes = typeof sign === 'string' ? Buffer.from(sign, 'latin1') : Buffer.from(sign);
  return sample.subarray(at, at + bytes.length).equals(bytes);
}

/** Key of a header, body or footer partition. */
const partitionKey = Buffer.from([
  0x06, 0x0e, 0x2b, 0x34, 0x02, 0x05, 0x01, 0x01, 0x0d, 0x01, 0x02, 0x01, 0x01,
]);

function riffFormat(sample: Buffer): FormatName | null {
  const [outer, inner] = [codeAt(sample, 0), codeAt(sample, 8)];
  if (outer === 'FORM') return inner === 'AIFF' || inner === 'AIFC' ? 'aiff' : null;
  if (!['RIFF', 'RF64', 'BW64'].includes(outer)) return null;
  return inner === 'WAVE' ? 'wave' : inner === 'AVI ' ? 'avi' : inner === 'WEBP' ? 'webp' : null;
}

/** QuickTime files may begin with any of these boxes; MPEG-4 and related formats begin with `ftyp`. */
const firstBoxes = new Set(['moov', 'mdat', 'wide', 'free', 'skip', 'pnot']);

function boxFormat(sample: Buffer): FormatName | null {
  const box = codeAt(sample, 4);
  if (firstBoxes.has(box)) return 'quicktime';
  if (box !== 'ftyp') return null;
  const brand = codeAt(sample, 8);
  if (brand === 'qt  ') return 'quicktime';
  if (brand === 'crx ') return 'canon_raw';
  if (brand === 'avif' || brand === 'avis') return 'avif';
  if (/^(?:hei[cxms]|hev[cx]|mif1|msf1)$/.test(brand)) return 'heic';
  return /^M4[AB] $/.test(brand) ? 'm4a' : 'mp4';
}

/** Returns true for a Windows program. Checks more than `MZ`, with which too many texts begin. */
function isProgram(sample: Buffer): boolean {
  if (!matches(sample, 0, 'MZ') || sample.length < 64) return false;
  return matches(sample, sample.readUInt32LE(60), 'PE\u0000\u0000');
}

function bitmapFormat(sample: Buffer): FormatName | null {
  if (!matches(sample, 0, 'BM') || sample.length < 26) return null;
  return [12, 40, 52, 56, 64, 108, 124].includes(sample.readUInt32LE(14)) ? 'bitmap' : null;
}

function streamFormat(sample: Buffer): FormatName | null {
  if (hasPackets(sample, 0, 188) || hasPackets(sample, 4, 192)) return 'transport_stream';
  const [first = 0, second = 0] = sample;
  if (first !== 0xff) return null;
  // Twelve set bits begin a frame of AAC (layer 0), eleven a frame of MP1 to MP3.
  if ((second & 0xf6) === 0xf0) return 'aac';
  return (second & 0xe0) === 0xe0 && (second & 0x06) !== 0 ? 'mpeg_audio' : null;
}

function hasPackets(sample: Buffer, from: number, size: number): boolean {
  return (
    sample.length > from + size &&
    [0, 1, 2, 3].every((number) => {
      const at = from + number * size;
      return at >= sample.length || sample[at] === 0x47;
    })
  );
}

function codeAt(sample: Buffer, at: number): string {
  return sample.toString('latin1', at, at + 4);
}

const imfRoots = new Set([
  'AssetMap',
  'PackingList',
  'CompositionPlaylist',
  'OutputProfileList',
  'VolumeIndex',
]);

function textFormat(text: string): FormatName {
  if (text.startsWith('%!PS')) return 'postscript';
  if (text.startsWith('%PDF-')) return 'pdf';
  if (/^\s*WEBVTT(?:\s|$)/.test(text)) return 'web_vtt';
  if (text.startsWith('Scenarist_SCC')) return 'scenarist';
  if (/^\s*\d+[ \t]*\r?\n\s*\d{1,3}:\d\d:\d\d[,.]\d{1,3}\s*-->/.test(text)) return 'subrip';
  if (!/^\s*<[?!a-z_]/i.test(text)) return 'text';
  const root = rootOf(text);
  if (root === 'tt') return 'ttml';
  if (root === 'svg') return 'svg';
  if (root === dolbyVisionRoot) return 'dolby_vision';
  return root !== null && imfRoots.has(root) ? 'imf' : root === 'html' ? 'text' : 'xml';
}

/** Returns the name of the first element, without its prefix. */
function rootOf(text: string): string | null {
  for (let at = text.indexOf('<'); at !== -1;) {
    const end = text.startsWith('<!--', at)
      ? '-->'
      : text.startsWith('<?', at)
        ? '?>'
        : text.startsWith('<!', at)
          ? '>'
          : null;
    if (end === null) return /^<(?:[\w.-]+:)?([\w.-]+)/.exec(text.slice(at, at + 200))?.[1] ?? null;
    const after = text.indexOf(end, at);
    at = after === -1 ? -1 : text.indexOf('<', after + end.length);
  }
  return null;
}

export function formatOf(path: string): FormatName | null {
  const file = openFile(path);
  try {
    return sniff(file.limitedTo(sampleBytes).read(0, sampleBytes)).format;
  } finally {
    file.close();
  }
}
