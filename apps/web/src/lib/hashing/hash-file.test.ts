import { xxhash128 } from 'hash-wasm';
import { expect, test } from 'vitest';
import { hashFile } from './hash-file.ts';

const bytes = Uint8Array.from({ length: 20_000_003 }, (_, index) => (index * 31) % 251);
const options = () => ({ signal: new AbortController().signal, onprogress: () => {} });

test('hashing slice by slice gives the hash of the whole file', async () => {
  const fractions: number[] = [];
  const value = await hashFile(new Blob([bytes]), {
    ...options(),
    onprogress: (fraction) => fractions.push(fraction),
  });
  expect(value).toBe(`xxh128:${await xxhash128(bytes)}`);
  expect(fractions).toHaveLength(3);
  expect(fractions.at(-1)).toBe(1);
});

test('an empty file has the published hash', async () => {
  expect(await hashFile(new Blob([]), options())).toBe('xxh128:99aa06d3014798d86001c324468d497f');
});

test('an aborted hash rejects', async () => {
  const controller = new AbortController();
  const work = hashFile(new Blob([bytes]), {
    signal: controller.signal,
    onprogress: () => controller.abort(),
  });
  await expect(work).rejects.toThrow();
});
