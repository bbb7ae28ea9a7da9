import { xxhash128 } from 'hash-wasm';
import { expect, test } from 'vitest';
import { hashCopy } from './copy-hash.ts';

const bytes = Uint8Array.from({ length: 20_000_003 }, (_, index) => (index * 31) % 251);
const options = () => ({ signal: new AbortController().signal, onprogress: () => {} });

test('slices come to the value of the whole', async () => {
  const told: number[] = [];
  const value = await hashCopy(new Blob([bytes]), {
    ...options(),
    onprogress: (fraction) => told.push(fraction),
  });
  expect(value).toBe(`xxh128:${await xxhash128(bytes)}`);
  expect(told).toHaveLength(3);
  expect(told.at(-1)).toBe(1);
});

test('an empty file has the published value', async () => {
  expect(await hashCopy(new Blob([]), options())).toBe('xxh128:99aa06d3014798d86001c324468d497f');
});

test('what is given up ends', async () => {
  const controller = new AbortController();
  const work = hashCopy(new Blob([bytes]), {
    signal: controller.signal,
    onprogress: () => controller.abort(),
  });
  await expect(work).rejects.toThrow();
});
