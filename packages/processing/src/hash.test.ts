import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BytesMissingError, hashStep, type HashStates } from './hash.ts';

const algorithms = ['xxh128', 'md5', 'xxh64'] as const;
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

test('nothing has the published values of each algorithm', async () => {
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
  });
});

test('steps of any size give the values of one pass', async () => {
  const whole = await hashStep({ path, from: 0, to: bytes.length, algorithms, states: null });
  expect(whole.values.md5).toBe(createHash('md5').update(bytes).digest('hex'));
  let states: HashStates | null = null;
  let from = 0;
  for (const to of [1, 1000, 1_048_577, 3_000_000, 3_000_000, bytes.length, bytes.length]) {
    const step = await hashStep({ path, from, to, algorithms, states });
    ({ states } = JSON.parse(JSON.stringify(step)) as typeof step);
    from = to;
    if (to === bytes.length) expect(step.values).toEqual(whole.values);
  }
});

test('a file that is too short is told from one that differs', async () => {
  const step = { path, from: 0, to: bytes.length + 1, algorithms, states: null };
  await expect(hashStep(step)).rejects.toThrow(BytesMissingError);
});

test('a step without the state it goes on from is refused', async () => {
  const step = { path, from: 5, to: 6, algorithms, states: {} };
  await expect(hashStep(step)).rejects.toThrow('The state of xxh128 is missing.');
});

test('ends when it is cancelled', async () => {
  const signal = AbortSignal.abort(new Error('not wanted'));
  const step = { path, from: 0, to: bytes.length, algorithms, states: null };
  await expect(hashStep(step, { signal })).rejects.toThrow('not wanted');
});
