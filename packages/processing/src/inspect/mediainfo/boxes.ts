/** Walks the outermost boxes of a QuickTime or MPEG-4 file, to tell whether the file ends within one or lacks its index. */
import type { Source } from '../source.ts';

export type BoxWalk = { kind: 'whole' | 'no_index' | 'not_known' } | { kind: 'cut'; expectedBytes: number };

/**
 * The most boxes that are read. A film in fragments of two seconds has some 10,000 boxes, of which this many suffice.
 */
const maxBoxes = 2000;

export function walkBoxes(source: Source): BoxWalk {
  let hasIndex = false;
  let at = 0;
  for (let boxes = 0; at < source.sizeBytes; boxes++) {
    if (boxes === maxBoxes) return { kind: 'not_known' };
    const head = source.read(at, 16);
    // A few bytes after the last box are harmless.
    if (head.length < 8) break;
    const id = head.toString('latin1', 4, 8);
    const size = sizeOf(head, source.sizeBytes - at);
    // Bytes that form no box are harmless behind the index.
    if (size === null || !/^[\x20-\x7e\xa9]{4}$/.test(id)) return { kind: hasIndex ? 'whole' : 'not_known' };
    if (at + size > source.sizeBytes) return { kind: 'cut', expectedBytes: at + size };
    if (id === 'moov') hasIndex = true;
    at += size;
  }
  return { kind: hasIndex ? 'whole' : 'no_index' };
}

/** Returns null for bytes that cannot be a box. */
function sizeOf(head: Buffer, rest: number): number | null {
  const size = head.readUInt32BE(0);
  // A size of 0 means that the last box extends to the end of the file.
  if (size === 0) return rest;
  if (size !== 1) return size >= 8 ? size : null;
  if (head.length < 16) return null;
  const large = head.readBigUInt64BE(8);
  return large >= 16n && large <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(large) : null;
}
