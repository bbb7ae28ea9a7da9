import { createHash } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checksumAlgorithms, fileHasChecksum, parseChecksum } from './checksum.ts';

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
  const header = `${algorithm} ${createHash(algorithm).update(part).digest('base64')}`;
  const checksum = parseChecksum(header)!;
  expect(await fileHasChecksum(file.fd, 7, 4_999_001, checksum)).toBe(true);
  await file.write(Buffer.from('X'), 0, 1, 2_000_000);
  expect(await fileHasChecksum(file.fd, 7, 4_999_001, checksum)).toBe(false);
  expect(await fileHasChecksum(file.fd, 7, 6_000_000, checksum)).toBe(false);
  const digest = createHash(algorithm).update(part).digest();
  for (const other of [digest.subarray(0, -1), Buffer.concat([digest, Buffer.of(0)])]) {
    const wrong = parseChecksum(`${algorithm} ${other.toString('base64')}`)!;
    expect(await fileHasChecksum(file.fd, 7, 4_999_001, wrong)).toBe(false);
  }
  await file.close();
  await rm(directory, { recursive: true });
});
