import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StageInput } from '@turnover/domain/media/stages';
import { hashStep } from './hash.ts';
import { stages } from './registry.ts';

const bytes = Buffer.alloc(2_500_000, 'turnover');
const md5 = createHash('md5').update(bytes).digest('hex');
let folder: string;
let input: StageInput;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'turnover-stages-'));
  const path = join(folder, 'asset');
  writeFileSync(path, bytes);
  const step = { path, from: 0, to: bytes.length, algorithms: ['xxh128'] as const, states: null };
  const { values } = await hashStep(step);
  input = {
    path,
    sizeBytes: bytes.length,
    name: 'reel 1/feature.mov',
    mediaKind: 'picture',
    checksums: [
      { algorithm: 'md5', value: md5.toUpperCase(), source: 'declared' },
      { algorithm: 'xxh128', value: values.xxh128!, source: 'computed' },
    ],
    report: null,
    siblings: [],
    layouts: null,
    wanted: null,
    limits: null,
    previews: null,
    seed: 'asset',
    simulationSpeed: 60,
    lanes: { heavy: [0, 0], light: [0, 0] },
    now: 1000,
  };
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function io() {
  const reported: number[] = [];
  return {
    reported,
    signal: new AbortController().signal,
    progress: (share: number) => void reported.push(share),
  };
}

describe('checksum', () => {
  test('passes bytes that match the recorded and declared checksums, and reports progress', async () => {
    const { reported, ...rest } = io();
    const outcome = await stages.checksum(input, rest);
    expect(outcome).toMatchObject({ kind: 'done', facts: { bytes: bytes.length } });
    expect(reported.at(-1)).toBe(1);
    expect(reported).toEqual(reported.toSorted((a, b) => a - b));
  });

  test('finds one changed byte', async () => {
    const path = join(folder, 'rotten');
    const rotten = Buffer.from(bytes);
    rotten[1_234_567]! ^= 1;
    writeFileSync(path, rotten);
    const outcome = await stages.checksum({ ...input, path }, io());
    expect(outcome).toMatchObject({
      kind: 'failed',
      failure: 'stored_bytes_differ',
      facts: { algorithm: 'xxh128', expected: input.checksums[1]!.value },
    });
  });

  test('reports bytes that differ from the declared checksum', async () => {
    const checksums = [
      { algorithm: 'md5', value: '0'.repeat(32), source: 'declared' },
      input.checksums[1]!,
    ] as const;
    const outcome = await stages.checksum({ ...input, checksums: [...checksums] }, io());
    expect(outcome).toMatchObject({
      kind: 'failed',
      failure: 'declared_checksum_differs',
      facts: { found: md5 },
    });
  });

  test.each([
    ['absent', undefined],
    ['shorter', bytes.subarray(0, 10)],
  ])('reports a file that is %s', async (name, content) => {
    const path = join(folder, name);
    if (content) writeFileSync(path, content);
    const outcome = await stages.checksum({ ...input, path }, io());
    expect(outcome).toMatchObject({ kind: 'failed', failure: 'bytes_missing' });
  });

  test('rejects a file that is longer than recorded', async () => {
    const path = join(folder, 'longer');
    writeFileSync(path, Buffer.concat([bytes, Buffer.from('more')]));
    expect(await stages.checksum({ ...input, path }, io())).toMatchObject({ failure: 'stored_bytes_differ' });
  });
});

test('encode skips an empty file', async () => {
  expect(await stages.encode({ ...input, sizeBytes: 0 }, io())).toEqual({
    kind: 'skipped',
    reason: 'empty_file',
  });
});

test('encode takes the first free slot of its lane and ends after the modelled time', async () => {
  const lanes = { heavy: [5000, 4000], light: [0, 0] };
  const outcome = await stages.encode({ ...input, lanes }, io());
  expect(outcome).toMatchObject({ kind: 'planned', lane: 'heavy', slot: 1, startAt: 4000 });
  expect(outcome.kind === 'planned' && outcome.endAt > outcome.startAt).toBe(true);
});
