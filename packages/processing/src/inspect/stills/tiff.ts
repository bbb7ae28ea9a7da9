/** Reads the first directory of a TIFF or BigTIFF picture, and whether its pixels are all there. */
import { truncated, unreadable, type InspectionFailed } from '../outcome.ts';
import type { Source } from '../source.ts';
import { paddedText } from '../values.ts';
import type { Still } from './still-facts.ts';

const tag = {
  width: 256,
  height: 257,
  bitDepth: 258,
  compression: 259,
  photometric: 262,
  description: 270,
  stripOffsets: 273,
  samples: 277,
  stripBytes: 279,
  software: 305,
  date: 306,
  artist: 315,
  tileOffsets: 324,
  tileBytes: 325,
  sampleFormat: 339,
  copyright: 33_432,
  colourProfile: 34_675,
} as const;

const compressions: Record<number, string> = {
  1: 'none',
  2: 'CCITT',
  3: 'CCITT 3',
  4: 'CCITT 4',
  5: 'LZW',
  6: 'JPEG',
  7: 'JPEG',
  8: 'Deflate',
  32_773: 'PackBits',
  32_946: 'Deflate',
  34_925: 'LZMA',
  50_000: 'Zstandard',
  50_001: 'WebP',
};
const photometrics: Record<number, string> = {
  0: 'Y',
  1: 'Y',
  2: 'RGB',
  3: 'palette',
  5: 'CMYK',
  6: 'YCbCr',
  8: 'CIELab',
};
/** Size in bytes of a value by its type. */
const typeBytes: Record<number, number> = { 1: 1, 2: 1, 3: 2, 4: 4, 7: 1, 13: 4, 16: 8, 18: 8 };

const maxEntries = 1000;
const maxValueBytes = 256 * 1024;

export function readTiff(source: Source): Still | InspectionFailed {
  const directory = readDirectory(source);
  if (directory === 'cut') return truncated(source.sizeBytes);
  if (!directory) return unreadable('damaged_header');
  const { numbers, text } = directory;
  const first = (of: number) => numbers(of)[0];
  const [width, height] = [first(tag.width), first(tag.height)];
  if (!width || !height) return unreadable('damaged_header');
  const end = Math.max(
    lastByte(numbers(tag.stripOffsets), numbers(tag.stripBytes)),
    lastByte(numbers(tag.tileOffsets), numbers(tag.tileBytes)),
  );
  if (end > source.sizeBytes) return truncated(source.sizeBytes, end);
  const colour = photometrics[first(tag.photometric) ?? -1];
  return {
    codec: 'TIFF',
    width,
    height,
    bitDepth: first(tag.bitDepth) ?? 1,
    isFloat: first(tag.sampleFormat) === 3 ? true : undefined,
    chroma: colour === 'RGB' && (first(tag.samples) ?? 3) > 3 ? 'RGBA' : colour,
    compression: compressions[first(tag.compression) ?? 1],
    frames: 1,
    details: {
      byteOrder: directory.isBig ? 'big-endian' : 'little-endian',
      description: text(tag.description),
      software: text(tag.software),
      date: text(tag.date),
      artist: text(tag.artist),
      copyright: text(tag.copyright),
      colourProfile: directory.has(tag.colourProfile) ? 'ICC' : undefined,
    },
  };
}

function lastByte(offsets: readonly number[], sizes: readonly number[]): number {
  // When the table of sizes is incomplete, only the start of the other strips can be checked.
  return offsets.reduce((end, offset, index) => Math.max(end, offset + (sizes[index] ?? 0)), 0);
}

type Directory = {
  isBig: boolean;
  has(tag: number): boolean;
  numbers(tag: number): number[];
  text(tag: number): string | undefined;
};

function readDirectory(source: Source): Directory | null | 'cut' {
  const head = source.read(0, 16);
  if (head.length < 8) return 'cut';
  const isBig = head[0] === 0x4d;
  const u16 = (bytes: Buffer, at: number) => (isBig ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at));
  const u32 = (bytes: Buffer, at: number) => (isBig ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
  const u64 = (bytes: Buffer, at: number) =>
    Number(isBig ? bytes.readBigUInt64BE(at) : bytes.readBigUInt64LE(at));
  const isBigTiff = u16(head, 2) === 43;
  if (isBigTiff && head.length < 16) return 'cut';
  const [countBytes, entryBytes, wordBytes] = isBigTiff ? [8, 20, 8] : [2, 12, 4];
  const word = isBigTiff ? u64 : u32;
  const at = word(head, isBigTiff ? 8 : 4);
  const countField = source.read(at, countBytes);
  if (countField.length < countBytes) return 'cut';
  const count = isBigTiff ? u64(countField, 0) : u16(countField, 0);
  if (count === 0 || count > maxEntries) return null;
  const table = source.read(at + countBytes, count * entryBytes);
  if (table.length < count * entryBytes) return 'cut';
  const entries = new Map<number, { type: number; count: number; value: Buffer }>();
  for (let index = 0; index < count; index++) {
    const entry = table.subarray(index * entryBytes, (index + 1) * entryBytes);
    const values = word(entry, 4);
    entries.set(u16(entry, 0), { type: u16(entry, 2), count: values, value: entry.subarray(4 + wordBytes) });
  }
  const valueOf = (wanted: number) => {
    const entry = entries.get(wanted);
    const size = typeBytes[entry?.type ?? -1];
    if (!entry || size === undefined) return null;
    const bytes = Math.min(entry.count * size, maxValueBytes);
    const value =
      bytes <= wordBytes ? entry.value.subarray(0, bytes) : source.read(word(entry.value, 0), bytes);
    return { size, value };
  };
  return {
    isBig,
    has: (wanted) => entries.has(wanted),
    numbers: (wanted) => {
      const found = valueOf(wanted);
      if (!found) return [];
      const { size, value } = found;
      const read = { 1: (bytes: Buffer, from: number) => bytes[from]!, 2: u16, 4: u32, 8: u64 }[size]!;
      return Array.from({ length: Math.floor(value.length / size) }, (_, index) => read(value, index * size));
    },
    text: (wanted) => {
      const found = valueOf(wanted);
      return found?.size === 1 ? paddedText(found.value) : undefined;
    },
  };
}
