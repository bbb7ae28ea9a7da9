/**
 * Selects the bytes that quickly tell whether a file is the one that an upload began with. Browser and hub read the
 * same bytes.
 */

const samples = 16;
const sampleBytes = 64 * 1024;

/**
 * Returns parts spread evenly over the first `bytes`, including the first and the last byte: a new version of a film
 * often keeps its beginning. A short file is one part.
 */
export function samplesOf(bytes: number): { from: number; to: number }[] {
  if (bytes <= samples * sampleBytes) return bytes === 0 ? [] : [{ from: 0, to: bytes }];
  return Array.from({ length: samples }, (_, index) => {
    const last = bytes - sampleBytes;
    const from = index === samples - 1 ? last : Math.floor((last / (samples - 1)) * index);
    return { from, to: from + sampleBytes };
  });
}
