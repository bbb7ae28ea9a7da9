/** Stages of small files that share a claim, a thread and their transactions. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { claim } from '@turnover/core/jobs';
import { submitRequest } from '@turnover/core/requests/actions';
import { skipStage } from '@turnover/core/requests/processing/control';
import { claimSome } from '@turnover/core/requests/processing/short-stages';
import type { StageJob } from '@turnover/core/requests/processing/stages';
import {
  createSampleDelivery,
  type SampleDelivery,
  type SampleFile,
} from '@turnover/core/testing/sample-delivery';
import { testHub, type TestHub } from '@turnover/core/testing/hub';
import { jobs as jobRows, stageRuns } from '@turnover/db/schema/jobs';
import { deliveredFiles, requests, rounds } from '@turnover/db/schema/requests';
import { jobs } from '@turnover/domain/server/jobs';
import { runJob } from './handlers/index.ts';
import { runTogether } from './handlers/run-together.ts';
import { openPool, type Pool } from './pool.ts';
import { runToTheEnd, sampleFile, toolsOf } from './testing/worker.ts';

let pool: Pool;
let hub: TestHub;
let files: SampleFile[];

beforeAll(async () => {
  pool = openPool(2);
  const one = await sampleFile('0.bin', 'some words');
  files = Array.from({ length: 40 }, (_, index) => ({
    ...one,
    path: `${String(index).padStart(2, '0')}.bin`,
  }));
});
afterAll(() => pool.close());
beforeEach(async () => {
  hub = await testHub();
});
afterEach(() => hub.close());

const never = new AbortController().signal;

function deliver(delivered = files): SampleDelivery {
  const delivery = createSampleDelivery(hub, delivered);
  submitRequest(delivery.coordinator, delivery.request);
  return delivery;
}

async function fanOut(delivered = files): Promise<SampleDelivery> {
  const delivery = deliver(delivered);
  await runJob(toolsOf(hub.ctx, pool), claim(hub.ctx, ['processRound'])!, never);
  return delivery;
}

function poolThat(change: Partial<Pool>): Pool {
  return { ...pool, stageThreads: pool.stageThreads, hashThreads: pool.hashThreads, ...change };
}

const runs = () => hub.db.select().from(stageRuns).all();
const jobOf = (id: string) =>
  hub.db
    .select()
    .from(jobRows)
    .all()
    .find((job) => job.id === id)!;
const round = () => hub.db.select().from(rounds).get()!;
const some = (slots = 2) => claimSome(hub.ctx, ['runStage'], slots) as StageJob[];

describe('claiming together', () => {
  test('takes at most sixteen jobs of a long queue, and leaves the other slots their share', async () => {
    await fanOut();
    const bunch = some();
    expect(bunch).toHaveLength(16);
    expect(new Set(bunch.map(({ id }) => id)).size).toBe(16);
    for (const job of bunch) expect(jobOf(job.id)).toMatchObject({ status: 'running', claims: 1 });
    // 24 jobs are left: half of them for each slot.
    expect(some()).toHaveLength(13);
  });

  test('takes jobs in the order of the queue', async () => {
    const { fileIds } = await fanOut();
    const taken = new Set(some().map(({ payload }) => payload.stageRunId));
    const first = runs().filter(({ id }) => taken.has(id));
    expect(first.map(({ fileId }) => fileId).sort()).toEqual(fileIds.slice(0, 16).sort());
  });

  test.each([
    ['in a short queue', (all: SampleFile[]) => all.slice(0, 8)],
    ['for large files', (all: SampleFile[]) => all.map((each) => ({ ...each, sizeBytes: 5 * 1024 ** 2 }))],
  ])('claims one by one %s', async (_, delivered) => {
    await fanOut(delivered(files));
    expect(some()).toHaveLength(1);
  });

  test('a job that failed before runs alone, and is not claimed with others', async () => {
    await fanOut();
    hub.db.update(jobRows).set({ claims: 1 }).run();
    expect(some()).toHaveLength(1);
  });
});

describe('running together', () => {
  test('each file has its own stages, results and end, with fewer threads and claims than files', async () => {
    const { fileIds } = deliver();
    const batches: number[] = [];
    const counting = poolThat({
      runStageBatch(stage, inputs, signal) {
        batches.push(inputs.length);
        return pool.runStageBatch(stage, inputs, signal);
      },
    });
    await runToTheEnd(hub, counting);
    expect(Math.max(...batches)).toBeGreaterThan(8);
    const through = runs().filter(({ stage, status }) => stage === 'checksum' && status === 'done');
    expect(through.map(({ fileId }) => fileId).sort()).toEqual([...fileIds].sort());
    expect(runs().some(({ status }) => status === 'waiting' || status === 'running')).toBe(false);
    expect(round()).toMatchObject({ filesToProcess: 40, filesProcessed: 40, filesFailed: 0 });
    expect(hub.db.select().from(requests).get()!.status).toBe('processed');
  });

  test('a file whose stage throws continues alone, and is given up alone', async () => {
    const { fileIds } = deliver();
    const isPoison = ({ name }: { name: string }) => name === files[3]!.path;
    let alone = 0;
    const poisoned = poolThat({
      async runStageBatch(stage, inputs, signal) {
        const outcomes = await pool.runStageBatch(stage, inputs, signal);
        return outcomes.map((each, at) =>
          isPoison(inputs[at]!) ? { outcome: null, ms: 1, error: 'trapped' } : each,
        );
      },
      async runStage(stage, input, options) {
        if (!isPoison(input)) return pool.runStage(stage, input, options);
        alone += 1;
        throw new Error('trapped again');
      },
    });
    await runToTheEnd(hub, poisoned);
    expect(alone).toBe(jobs.runStage.maxClaims - 1);
    expect(runs().filter(({ status }) => status === 'failed')).toMatchObject([
      { fileId: fileIds[3], stage: 'checksum', failure: 'crashed' },
    ]);
    expect(round()).toMatchObject({ filesProcessed: 40, filesFailed: 1 });
  });

  test('after the thread died, each file continues alone', async () => {
    deliver();
    const dying = poolThat({
      runStageBatch: async () => {
        throw new Error('the thread died');
      },
    });
    await runToTheEnd(hub, dying);
    expect(round()).toMatchObject({ filesProcessed: 40, filesFailed: 0 });
  });

  test('a file whose stage a person skips meanwhile stays skipped, and the others keep their results', async () => {
    const { coordinator, fileIds } = await fanOut();
    await runTogether(toolsOf(hub.ctx, pool), some(), never);
    await runTogether(toolsOf(hub.ctx, pool), some(), never);
    hub.db.update(jobRows).set({ status: 'done' }).run();
    const waiting = runs().filter(({ stage, status }) => stage === 'inspect' && status === 'waiting');
    expect(waiting.length).toBeGreaterThan(16);
    hub.db.$client.exec(
      "update jobs set status = 'waiting', claims = 0 where payload ->> 'stageRunId' in (select id from stage_runs where stage = 'inspect')",
    );
    const bunch = some();
    const ids = new Set(bunch.map(({ payload }) => payload.stageRunId));
    const [chosen] = runs().filter(({ id }) => ids.has(id));
    const skipping = poolThat({
      async runStageBatch(stage, inputs, signal) {
        const outcomes = await pool.runStageBatch(stage, inputs, signal);
        const file = hub.db
          .select()
          .from(deliveredFiles)
          .all()
          .find(({ id }) => id === chosen!.fileId)!;
        skipStage(coordinator, { file, stage }, 'a test file');
        return outcomes;
      },
    });
    await runTogether(toolsOf(hub.ctx, skipping), bunch, never);
    const after = runs().filter(({ id }) => ids.has(id));
    expect(after.find(({ id }) => id === chosen!.id)).toMatchObject({
      status: 'skipped',
      facts: { reason: 'by_person' },
    });
    const others = after.filter(({ id }) => id !== chosen!.id);
    expect(others.every(({ status, facts }) => status !== 'running' && facts.reason !== 'by_person')).toBe(
      true,
    );
    expect(fileIds).toContain(chosen!.fileId);
  });

  test('a worker that lost a job to another one writes nothing for it', async () => {
    await fanOut();
    const bunch = some();
    const lost = bunch[5]!;
    hub.clock.advance(jobs.runStage.leaseMs + 1);
    // The next claim takes a job whose lease has expired.
    const again = claim(hub.ctx, ['runStage'])!;
    const stolen = bunch.find(({ id }) => id === again.id) ?? lost;
    await runTogether(toolsOf(hub.ctx, pool), bunch, never);
    expect(jobOf(stolen.id)).toMatchObject({ status: 'running', leaseToken: again.leaseToken, claims: 2 });
    const run = runs().find(({ id }) => id === stolen.payload.stageRunId);
    expect(run!.status).not.toBe('done');
    const rest = bunch.filter(({ id }) => id !== stolen.id);
    for (const { id } of rest) expect(jobOf(id).status).toBe('done');
  });
});
