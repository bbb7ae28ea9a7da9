import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checksumAlgorithms as algorithms } from '@turnover/domain/media/checksums';
import { BytesMissingError, hashStep } from './hash.ts';
import { hashWhole } from './hash-whole.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'turnover-hash-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function fileOf(name: string, bytes: Buffer) {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return { path, sizeBytes: bytes.length, algorithms };
}

test('gives the same values as hashing in steps', async () => {
  for (const size of [0, 1, 1024 * 1024, 3 * 1024 * 1024 + 17]) {
    const file = fileOf(`of ${size}`, randomBytes(size));
    const { values } = await hashStep({ path: file.path, from: 0, to: size, algorithms, states: null });
    expect(await hashWhole(file)).toEqual(values);
  }
});

test('files that are hashed at the same time do not mix', async () => {
  const files = Array.from({ length: 4 }, (_, index) =>
    fileOf(`beside ${index}`, Buffer.alloc(20 * 1024 * 1024, index)),
  ).map((file) => ({ ...file, algorithms: ['xxh128', 'md5'] as const }));
  const alone = [];
  for (const file of files) alone.push(await hashWhole(file));
  expect(await Promise.all(files.map((file) => hashWhole(file)))).toEqual(alone);
});

test('recognises a file that is too short', async () => {
  const file = fileOf('short', randomBytes(5));
  await expect(hashWhole({ ...file, sizeBytes: 6 })).rejects.toThrow(BytesMissingError);
});

test('reports progress, and stops when it is cancelled', async () => {
  const size = 64 * 1024 * 1024;
  const file = fileOf('sparse', Buffer.alloc(0));
  truncateSync(file.path, size);
  const cancel = new AbortController();
  const shares: number[] = [];
  const progress = (share: number) => {
    shares.push(share);
    if (share === 0.5) cancel.abort(new Error('not wanted'));
  };
  const work = hashWhole(
    { ...file, sizeBytes: size, algorithms: ['xxh128'] },
    { signal: cancel.signal, progress },
  );
  await expect(work).rejects.toThrow('not wanted');
  expect(shares).toHaveLength(32);
  expect(shares.at(-1)).toBe(0.5);
});
