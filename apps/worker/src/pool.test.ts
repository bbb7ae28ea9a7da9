import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StageInput } from '@turnover/domain/media/stages';
import { openPool, type Pool } from './pool.ts';

let pool: Pool;
let folder: string;

beforeAll(() => {
  pool = openPool(2);
  folder = mkdtempSync(join(tmpdir(), 'turnover-pool-'));
});

afterAll(async () => {
  await pool.close();
  rmSync(folder, { recursive: true });
});

/** Creates a sparse file, which takes long to hash but no disk space. */
function input(sizeBytes: number): StageInput {
  const path = join(folder, 'asset');
  writeFileSync(path, '');
  truncateSync(path, sizeBytes);
  return {
    path,
    sizeBytes,
    name: 'feature.mov',
    mediaKind: 'picture',
    checksums: [],
    report: null,
    siblings: [],
    layouts: null,
    wanted: null,
    limits: null,
    previews: null,
    seed: 'seed',
    simulationSpeed: 1,
    lanes: { heavy: [0, 0], light: [0, 0] },
    now: 0,
  };
}

test('a running stage reports its progress, and ends when it is cancelled', async () => {
  const cancel = new AbortController();
  const reported: number[] = [];
  const running = pool.runStage('checksum', input(2 ** 40), {
    signal: cancel.signal,
    onProgress(share) {
      reported.push(share);
      cancel.abort();
    },
  });
  await expect(running).rejects.toThrow('Cancelled.');
  expect(reported.length).toBeGreaterThan(0);
  expect(reported[0]).toBeGreaterThan(0);
});

test('an error while recording progress ends the stage with that error', async () => {
  const running = pool.runStage('checksum', input(2 ** 40), {
    signal: new AbortController().signal,
    onProgress() {
      throw new Error('the lease is lost');
    },
  });
  await expect(running).rejects.toThrow('the lease is lost');
});

test('does not start a stage that is already cancelled', async () => {
  const options = { signal: AbortSignal.abort(new Error('too late')), onProgress() {} };
  await expect(pool.runStage('checksum', input(1), options)).rejects.toThrow('too late');
});

test.each([
  [1, 1, 1],
  [2, 1, 1],
  [8, 6, 2],
])('%i threads: %i for stages and %i for arriving uploads', async (threads, stageThreads, hashThreads) => {
  const other = openPool(threads);
  expect(other).toMatchObject({ stageThreads, hashThreads });
  await other.close();
});
