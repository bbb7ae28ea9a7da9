import { limitedSource, mebibyte, type Source } from '../source.ts';

/** A file that exists only in memory. */
export function sourceOf(bytes: Uint8Array, maxBytes = 4 * mebibyte): Source {
  const buffer = Buffer.from(bytes);
  return limitedSource(buffer.length, maxBytes, (at, length) => buffer.subarray(at, at + length));
}
