import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checksumAlgorithms, fileHasChecksum, parseChecksum } from './checksum.ts';
import { digestOf } from './testing/digests.ts';

// Published values: RFC 1321, FIPS 180 and the sanity checks of xxHash, all of no bytes.
test.each([
  ['md5', 'd41d8cd98f00b204e9800998ecf8427e'],
  ['sha1', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
  ['xxh64', 'ef46db3751d8e999'],
  ['xxh3', '2d06800538d394c2'],
  ['xxh128', '99aa06d3014798d86001c324468d497f'],
])('has the digest of %s in the order of bytes that people print', async (algorithm, hex) => {
  const directory = await mkdtemp(join(tmpdir(), 'turnover-checksum-'));
  const file = await open(join(directory, 'part'), 'wx+');
  const digest = Buffer.from(hex, 'hex');
  expect(await fileHasChecksum(file.fd, 0, 0, { algorithm, digest })).toBe(true);
  expect(await fileHasChecksum(file.fd, 0, 0, { algorithm, digest: Buffer.from(digest).reverse() })).toBe(
    false,
  );
  await file.close();
  await rm(directory, { recursive: true });
});

test.each([
  '',
  'sha1',
  'sha1 ',
  'sha1  Kq5sNclPz7QV2+lfQIuc6R7oRu0=',
  'sha1 not*base64',
  'crc32 AAAAAA==',
  'constructor AAAA',
  'SHA1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=',
])('takes %j for no checksum', (header) => {
  expect(parseChecksum(header)).toBeNull();
});

test.each(checksumAlgorithms)('checks a part of a file by %s', async (algorithm) => {
  const directory = await mkdtemp(join(tmpdir(), 'turnover-checksum-'));
  const file = await open(join(directory, 'part'), 'wx+');
  const bytes = Buffer.alloc(5_000_000, 'turnover');
  await file.write(bytes);
  const part = bytes.subarray(7, 4_999_001);
  const header = `${algorithm} ${(await digestOf(algorithm, part)).toString('base64')}`;
  const checksum = parseChecksum(header)!;
  expect(await fileHasChecksum(file.fd, 7, 4_999_001, checksum)).toBe(true);
  await file.write(Buffer.from('X'), 0, 1, 2_000_000);
  expect(await fileHasChecksum(file.fd, 7, 4_999_001, checksum)).toBe(false);
  expect(await fileHasChecksum(file.fd, 7, 6_000_000, checksum)).toBe(false);
  const digest = await digestOf(algorithm, part);
  for (const other of [digest.subarray(0, -1), Buffer.concat([digest, Buffer.of(0)])]) {
    const wrong = parseChecksum(`${algorithm} ${other.toString('base64')}`)!;
    expect(await fileHasChecksum(file.fd, 7, 4_999_001, wrong)).toBe(false);
  }
  await file.close();
  await rm(directory, { recursive: true });
});
