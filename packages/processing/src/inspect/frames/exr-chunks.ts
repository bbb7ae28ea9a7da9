/** Checks by the offset tables of an OpenEXR file whether all of its pixels are there. */
import type { Source } from '../source.ts';
import type { ExrHeader, ExrPart } from './exr-header.ts';

/** Lines per chunk, indexed by the number of the compression. */
const linesInChunk = [1, 1, 1, 16, 32, 16, 32, 32, 32, 256, 32, 256];
/** The table of an uncompressed picture with 16,384 lines needs 128 KiB. */
const maxTableBytes = 1024 * 1024;

export type Wholeness = 'whole' | 'cut' | 'not_checked';

export function checkChunks(source: Source, header: ExrHeader): Wholeness {
  let at = header.endsAt;
  let last = 0;
  for (const part of header.parts) {
    const chunks = chunksIn(part, header.isTiled);
    if (chunks === null || chunks * 8 > maxTableBytes) return 'not_checked';
    const table = source.read(at, chunks * 8);
    if (table.length < chunks * 8) return 'cut';
    for (let index = 0; index < chunks; index++) {
      const offset = table.readBigUInt64LE(index * 8);
      // A program that was stopped leaves zeros for the chunks that it did not write.
      if (offset < BigInt(header.endsAt) || offset >= BigInt(source.sizeBytes)) return 'cut';
      last = Math.max(last, Number(offset));
    }
    at += table.length;
  }
  return last === 0 || lastChunkIsWhole(source, header, last) ? 'whole' : 'cut';
}

/** Returns the number of chunks; null when it is not stated, as for tiles in several levels. */
function chunksIn(part: ExrPart, isTiled: boolean): number | null {
  const stated = part.get('chunkCount')?.value;
  if (stated?.length === 4) return Math.max(0, stated.readInt32LE(0));
  const window = part.get('dataWindow')?.value;
  if (window?.length !== 16) return null;
  const width = window.readInt32LE(8) - window.readInt32LE(0) + 1;
  const height = window.readInt32LE(12) - window.readInt32LE(4) + 1;
  const tiles = part.get('tiles')?.value;
  if (isTiled || tiles) {
    if (tiles?.length !== 9 || (tiles[8]! & 0x0f) !== 0) return null;
    const [across, down] = [tiles.readUInt32LE(0), tiles.readUInt32LE(4)];
    return across === 0 || down === 0 ? null : Math.ceil(width / across) * Math.ceil(height / down);
  }
  const lines = linesInChunk[part.get('compression')?.value[0] ?? -1];
  return lines === undefined ? null : Math.ceil(height / lines);
}

/** Returns true when the last chunk is complete. A chunk states its own size after its coordinates. */
function lastChunkIsWhole(source: Source, header: ExrHeader, at: number): boolean {
  if (header.isDeep) return true;
  const isTile = header.isTiled || header.parts.some((part) => part.has('tiles'));
  // Parts may mix tiles and lines, so for multiple parts the position of the size is uncertain.
  if (header.isMultiPart) return true;
  const sizeAt = isTile ? 16 : 4;
  const size = source.read(at + sizeAt, 4);
  return size.length === 4 && at + sizeAt + 4 + Math.max(0, size.readInt32LE(0)) <= source.sizeBytes;
}
