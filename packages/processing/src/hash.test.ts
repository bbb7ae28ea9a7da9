import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checksumAlgorithms, checksumValue } from '@turnover/domain/media/checksums';
import { BytesMissingError, hashStep, type HashStates } from './hash.ts';

const algorithms = checksumAlgorithms;
let folder: string;
let path: string;
const bytes = randomBytes(3 * 1024 * 1024 + 17);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'turnover-hash-'));
  path = join(folder, 'file');
  writeFileSync(path, bytes);
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('an empty file has the published values of each algorithm', async () => {
  const { values } = await hashStep({
    path: join(folder, 'absent'),
    from: 0,
    to: 0,
    algorithms,
    states: null,
  });
  expect(values).toEqual({
    xxh128: '99aa06d3014798d86001c324468d497f',
    md5: 'd41d8cd98f00b204e9800998ecf8427e',
    xxh64: 'ef46db3751d8e999',
    xxh3: '2d06800538d394c2',
    xxh32: '02cc5d05',
    crc32: '00000000',
    sha1: 'da39a3ee5e6b4b0d3255bfef95601890afd80709',
    sha224: 'd14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f',
    sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    sha384:
      '38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b',
    sha512:
      'cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e',
    blake2b:
      '786a02f742015903c6c6fd852552d272912f4740e15847618a86e217f71f5419d25e1031afee585313896444934eb04b903a685b1448b755d56f701afe9be2ce',
    blake3: 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262',
    c4: 'c459dsjfscH38cYeXXYogktxf4Cd9ibshE3BHUo6a58hBXmRQdZrAkZzsWcbWtDg5oQstpDuni4Hirj75GEmTc1sFT',
  });
  for (const algorithm of algorithms) {
    expect(checksumValue(algorithm, values[algorithm]!)).toBe(values[algorithm]);
  }
});

test('steps of any size give the same values as one pass', async () => {
  const whole = await hashStep({ path, from: 0, to: bytes.length, algorithms, states: null });
  for (const name of ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const) {
    expect(whole.values[name]).toBe(createHash(name).update(bytes).digest('hex'));
  }
  let states: HashStates | null = null;
  let from = 0;
  for (const to of [1, 1000, 1_048_577, 3_000_000, 3_000_000, bytes.length, bytes.length]) {
    const step = await hashStep({ path, from, to, algorithms, states });
    ({ states } = JSON.parse(JSON.stringify(step)) as typeof step);
    from = to;
    if (to === bytes.length) expect(step.values).toEqual(whole.values);
  }
});

test('distinguishes a file that is too short from one with other bytes', async () => {
  const step = { path, from: 0, to: bytes.length + 1, algorithms, states: null };
  await expect(hashStep(step)).rejects.toThrow(BytesMissingError);
});

test('refuses a step that lacks its starting state', async () => {
  const step = { path, from: 5, to: 6, algorithms, states: {} };
  await expect(hashStep(step)).rejects.toThrow('The state of xxh128 is missing.');
});

test('stops when it is cancelled', async () => {
  const signal = AbortSignal.abort(new Error('not wanted'));
  const step = { path, from: 0, to: bytes.length, algorithms, states: null };
  await expect(hashStep(step, { signal })).rejects.toThrow('not wanted');
});
