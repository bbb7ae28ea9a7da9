import { xxhash128 } from 'hash-wasm';
import { samplesOf } from '@turnover/domain/workspace/upload-samples';
import { expect, test } from 'vitest';
import { hashFile } from '#lib/hashing/hash-file.ts';
import { beginsWith } from './same-bytes.ts';

const size = 4_000_000;
const durable = 3_000_000;
const film = Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 9)) % 251);

const fileOf = (bytes: Uint8Array<ArrayBuffer>, lastModified = 1000) =>
  new File([bytes], 'a.mov', { lastModified });

async function fingerprintOf(bytes: Uint8Array, hashed: number | null = durable) {
  const parts = samplesOf(durable).map(({ from, to }) => bytes.subarray(from, to));
  return {
    bytes: durable,
    sampled: await xxhash128(Buffer.concat(parts)),
    whole: hashed === null ? null : { bytes: hashed, xxh128: await xxhash128(bytes.subarray(0, hashed)) },
  };
}

const whole: number[] = [];
const compare = async (file: File, hashed?: number | null, modifiedAt: number | null = 1000) =>
  beginsWith(file, await fingerprintOf(film, hashed), {
    modifiedAt,
    hashWhole: (part) => {
      whole.push(part.size);
      return hashFile(part, { signal: new AbortController().signal, onprogress: () => {} });
    },
  });

function changedAt(position: number): Uint8Array<ArrayBuffer> {
  const changed = film.slice();
  changed[position]! ^= 1;
  return changed;
}

test('samples are enough for a file with the same date', async () => {
  whole.length = 0;
  expect(await compare(fileOf(film))).toBe(true);
  expect(whole).toEqual([]);
});

test.each([0, 65_535, durable - 1, samplesOf(durable)[7]!.from])(
  'a different byte at %i in a sample means another file',
  async (position) => {
    expect(await compare(fileOf(changedAt(position)))).toBe(false);
  },
);

test('bytes that were never sent may differ', async () => {
  expect(await compare(fileOf(changedAt(durable)))).toBe(true);
});

test.each([2000, null])('with the date %j every hashed byte is compared', async (modifiedAt) => {
  const between = samplesOf(durable)[3]!.to + 1;
  expect(await compare(fileOf(film), durable, modifiedAt)).toBe(true);
  expect(await compare(fileOf(changedAt(between)), durable, modifiedAt)).toBe(false);
  // Nothing proves that it is the same file.
  expect(await compare(fileOf(film), null, modifiedAt)).toBe(false);
});

test('the sample of a short part covers it completely', async () => {
  const bytes = film.slice(0, 1000);
  const fingerprint = { bytes: 1000, sampled: await xxhash128(bytes), whole: null };
  const ways = { modifiedAt: null, hashWhole: () => Promise.resolve(null) };
  expect(await beginsWith(fileOf(film), fingerprint, ways)).toBe(true);
  expect(await beginsWith(fileOf(changedAt(999)), fingerprint, ways)).toBe(false);
  expect(await beginsWith(fileOf(film.slice(0, 999)), fingerprint, ways)).toBe(false);
});

test('an upload without bytes continues with any file', async () => {
  const ways = { modifiedAt: null, hashWhole: () => Promise.resolve(null) };
  expect(await beginsWith(fileOf(film), { bytes: 0, sampled: '', whole: null }, ways)).toBe(true);
});
