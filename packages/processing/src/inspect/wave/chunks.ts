/** Reads the chunks of a RIFF file: RIFF, RF64 (EBU Tech 3306) and BW64 (ITU-R BS.2088), whose sizes are in `ds64`. */
import type { Source } from '../source.ts';

export type Chunk = { id: string; at: number; sizeBytes: number };

export type WaveFile = {
  container: 'WAVE' | 'RF64' | 'BW64';
  chunks: Chunk[];
  /** End of the file as its header states it; null when the writer did not know it. */
  endByHeader: number | null;
};

const maxChunks = 512;
const unknownSize = 0xffff_ffff;

/** Returns null for other files. A chunk may state more bytes than the file has, so sizes are not trusted. */
export function readChunks(source: Source): WaveFile | null {
  const beginning = source.read(0, 12);
  if (beginning.length < 12 || beginning.toString('latin1', 8, 12) !== 'WAVE') return null;
  const outer = beginning.toString('latin1', 0, 4);
  if (outer !== 'RIFF' && outer !== 'RF64' && outer !== 'BW64') return null;
  const sizes = new Map<string, number>();
  let riffSize = sizeOf(beginning.readUInt32LE(4));
  const chunks: Chunk[] = [];
  for (let at = 12; chunks.length < maxChunks;) {
    const head = source.read(at, 8);
    if (head.length < 8) break;
    const id = head.toString('latin1', 0, 4);
    const stated = head.readUInt32LE(4);
    const chunk = { id, at: at + 8, sizeBytes: stated };
    if (id === 'ds64' && outer !== 'RIFF') riffSize = readSizes(source.read(at + 8, 4096), sizes) ?? riffSize;
    else if (stated === unknownSize) chunk.sizeBytes = sizes.get(id) || source.sizeBytes - chunk.at;
    // Streaming programs leave a zero, and the sound continues to the end of the file.
    else if (stated === 0 && id === 'data' && isOpen(riffSize)) chunk.sizeBytes = source.sizeBytes - chunk.at;
    chunks.push(chunk);
    at = chunk.at + chunk.sizeBytes + (chunk.sizeBytes % 2);
  }
  const container = outer === 'RIFF' ? 'WAVE' : outer;
  return { container, chunks, endByHeader: isOpen(riffSize) ? null : riffSize! + 8 };
}

function isOpen(riffSize: number | null): boolean {
  return riffSize === null || riffSize === 0;
}

function sizeOf(size: number): number | null {
  return size === unknownSize ? null : size;
}

/** Fills in the sizes of chunks and returns the size of the file. */
function readSizes(ds64: Buffer, sizes: Map<string, number>): number | null {
  if (ds64.length < 24) return null;
  sizes.set('data', safeNumber(ds64.readBigUInt64LE(8)));
  const entries = ds64.length < 28 ? 0 : ds64.readUInt32LE(24);
  for (let entry = 0, at = 28; entry < entries && at + 12 <= ds64.length; entry++, at += 12) {
    sizes.set(ds64.toString('latin1', at, at + 4), safeNumber(ds64.readBigUInt64LE(at + 4)));
  }
  return safeNumber(ds64.readBigUInt64LE(0));
}

function safeNumber(size: bigint): number {
  return size > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(size);
}
