import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { claim, release } from '@turnover/core/jobs';
import { skipStage } from '@turnover/core/requests/processing/control';
import { beginFrames, type FramesJob } from '@turnover/core/requests/processing/frames';
import { enqueueStages } from '@turnover/core/requests/processing/rounds';
import { submitRequest, submitRound } from '@turnover/core/requests/actions';
import { currentRequest } from '@turnover/core/requests/transitions';
import {
  createSampleDelivery,
  type SampleDelivery,
  type SampleFile,
} from '@turnover/core/testing/sample-delivery';
import { testHub, type TestHub } from '@turnover/core/testing/hub';
import { jobs as jobRows, mediaProblems, mediaReports, stageRuns } from '@turnover/db/schema/jobs';
import { deliveredFiles, requests, rounds } from '@turnover/db/schema/requests';
import { inTransaction } from '@turnover/db/transaction';
import { framesPerJob, jobs } from '@turnover/domain/server/jobs';
import { framePlace } from '@turnover/domain/sequences/frame-paths';
import { dpx } from '@turnover/processing/inspect/testing/frames';
import { runJob } from './handlers/index.ts';
import { openPool, type Pool } from './pool.ts';
import { runnerOf, runToTheEnd, toolsOf, xxh128Of } from './testing/worker.ts';

let pool: Pool;
let hub: TestHub;
let frames: SampleFile[];

beforeAll(async () => {
  pool = openPool(2);
  const bytes = dpx();
  const xxh128 = await xxh128Of(bytes);
  frames = Array.from({ length: 2 * framesPerJob + 6 }, (_, index) => ({
    path: `reel/shot.${String(1001 + index)}.dpx`,
    bytes,
    xxh128,
  }));
});
afterAll(() => pool.close());
beforeEach(async () => {
  hub = await testHub();
});
afterEach(() => hub.close());

function deliver(delivered = frames): SampleDelivery {
  const delivery = createSampleDelivery(hub, delivered);
  submitRequest(delivery.coordinator, delivery.request);
  return delivery;
}

/** The same files, with the rows by which a request recognises its sequences. */
function deliverSequence(delivered = frames): SampleDelivery {
  const delivery = createSampleDelivery(hub, delivered);
  const place = hub.db.$client.prepare('update delivered_files set sequence_key = ?, frame = ? where id = ?');
  for (const [index, id] of delivery.fileIds.entries()) {
    const found = framePlace(delivered[index]!.path);
    place.run(found?.sequenceKey, found?.frame, id);
  }
  submitRequest(delivery.coordinator, delivery.request);
  return delivery;
}

const rowsOf = (kind: string) =>
  hub.db
    .select()
    .from(jobRows)
    .all()
    .filter((job) => job.kind === kind);
const runsOf = (fileId: string) =>
  hub.db
    .select()
    .from(stageRuns)
    .all()
    .filter((run) => run.fileId === fileId)
    .sort((a, b) => a.position - b.position);
const statusesOf = (fileId: string) => runsOf(fileId).map(({ stage, status }) => `${stage} ${status}`);
const through = ['checksum done', 'inspect done', 'encode done'];
const request = () => hub.db.select().from(requests).get()!;
const round = () => hub.db.select().from(rounds).get()!;

/** The pool, with another function to run a batch. */
function poolThat(change: Partial<Pool>): Pool {
  return { ...pool, stageThreads: pool.stageThreads, hashThreads: pool.hashThreads, ...change };
}

describe('frames of a sequence', () => {
  test('share their jobs, but each has its own stages, report and end', async () => {
    const { fileIds } = deliver();
    await runToTheEnd(hub, pool);
    expect(rowsOf('runFrames')).toHaveLength(3);
    expect(rowsOf('runStage')).toEqual([]);
    for (const fileId of fileIds) expect(statusesOf(fileId)).toEqual(through);
    expect(hub.db.select().from(mediaReports).all()).toHaveLength(frames.length);
    expect(request().status).toBe('processed');
    expect(round()).toMatchObject({
      filesToProcess: frames.length,
      filesProcessed: frames.length,
      filesFailed: 0,
    });
  });

  test('are planned one after another in the simulated queue', async () => {
    const { fileIds } = deliver(frames.slice(0, 3));
    await runnerOf(hub.ctx, pool).runUntilIdle();
    const plans = fileIds.map((fileId) => runsOf(fileId).at(-1)!);
    expect(plans.map(({ status }) => status)).toEqual(['running', 'running', 'running']);
    expect(plans[1]!.startAt).toBe(plans[0]!.endAt);
    expect(plans[2]!.startAt).toBe(plans[1]!.endAt);
    expect(rowsOf('runFrames')[0]).toMatchObject({ status: 'waiting', runAt: plans[2]!.endAt });
  });

  test('a file without a frame number has its own jobs', async () => {
    deliver([{ ...frames[0]!, path: 'still.dpx' }]);
    await runToTheEnd(hub, pool);
    expect(rowsOf('runFrames')).toEqual([]);
    expect(request().status).toBe('processed');
  });
});

describe('the last frame of a sequence', () => {
  const smaller = dpx({ width: 32, height: 16 });

  test('reports which frames have another size, and nothing when all are alike', async () => {
    const odd = { ...frames[40]!, bytes: smaller, xxh128: await xxh128Of(smaller) };
    const { fileIds } = deliverSequence([...frames.slice(0, 40), odd, ...frames.slice(41)]);
    await runToTheEnd(hub, pool);
    const found = hub.db.select().from(mediaProblems).all();
    expect(found).toMatchObject([
      {
        code: 'frames_unalike',
        details: { measured: 'shot.1041.dpx: DPX, 32×16, 10 bit, RGB, 2:1' },
      },
    ]);
    const last = runsOf(fileIds.at(-1)!).find(({ stage }) => stage === 'package');
    expect(found[0]!.stageRunId).toBe(last!.id);
    expect(last).toMatchObject({ status: 'done', facts: { frames: frames.length, layouts: 2 } });
  });

  test('waits until the other frames are inspected', async () => {
    const { fileIds } = deliverSequence(frames.slice(0, 3));
    await runJob(toolsOf(hub.ctx, pool), claim(hub.ctx, ['processRound'])!, new AbortController().signal);
    const early = runsOf(fileIds[2]!);
    const end = hub.db.$client.prepare("update stage_runs set status = 'done' where id = ?");
    for (const { id } of early.slice(0, 2)) end.run(id);
    inTransaction(hub.db, (tx) => enqueueStages(tx, hub.ctx, [early[2]!.id]));
    const job = claim(hub.ctx, ['runStage'])!;
    await runJob(toolsOf(hub.ctx, pool), job, new AbortController().signal);
    expect(rowsOf('runStage')).toMatchObject([{ id: job.id, status: 'waiting', claims: 0 }]);
    await runToTheEnd(hub, pool);
    expect(request().status).toBe('processed');
    expect(runsOf(fileIds[2]!)[2]).toMatchObject({ stage: 'package', status: 'done', facts: { frames: 2 } });
  });

  test('compares again in another round, and only on the new last frame', async () => {
    const { fileIds, coordinator } = deliverSequence(frames.slice(0, 3));
    await runToTheEnd(hub, pool);
    hub.db.update(requests).set({ status: 'redelivery', round: 2 }).run();
    const remove = 'update delivered_files set removed_at = 1, removed_round = 2 where id = ?';
    hub.db.$client.prepare(remove).run(fileIds[2]);
    inTransaction(hub.db, (tx) =>
      submitRound(tx, hub.ctx, currentRequest(tx, request().id), {
        by: coordinator.person.id,
        automatic: false,
      }),
    );
    await runToTheEnd(hub, pool);
    expect(runsOf(fileIds[1]!).find(({ stage }) => stage === 'package')).toMatchObject({
      status: 'done',
      round: 2,
      facts: { frames: 2 },
    });
  });

  test('does not compare pictures that only look like frames', async () => {
    const { fileIds } = deliverSequence([
      { ...frames[0]!, path: 'IMG_0001.jpg' },
      { ...frames[1]!, path: 'IMG_0002.jpg' },
    ]);
    await runToTheEnd(hub, pool);
    for (const fileId of fileIds) expect(statusesOf(fileId).join()).not.toContain('package');
  });
});

describe('one bad frame never stops the others', () => {
  test('when its bytes differ', async () => {
    const { fileIds } = deliver([frames[0]!, { ...frames[1]!, xxh128: '0'.repeat(32) }, frames[2]!]);
    await runToTheEnd(hub, pool);
    expect(fileIds.map(statusesOf)).toEqual([through, ['checksum failed'], through]);
    expect(runsOf(fileIds[1]!)[0]).toMatchObject({ failure: 'stored_bytes_differ' });
    expect(request().status).toBe('processed');
    expect(round()).toMatchObject({ filesProcessed: 3, filesFailed: 1 });
  });

  test('when it is empty', async () => {
    const bytes = Buffer.alloc(0);
    const { fileIds } = deliver([
      frames[0]!,
      { ...frames[1]!, bytes, xxh128: await xxh128Of(bytes) },
      frames[2]!,
    ]);
    await runToTheEnd(hub, pool);
    const skipped = ['checksum done', 'inspect done', 'encode skipped'];
    expect(fileIds.map(statusesOf)).toEqual([through, skipped, through]);
    expect(round()).toMatchObject({ filesProcessed: 3, filesFailed: 0 });
  });

  test('when its stage throws: it is tried again alone, and given up alone', async () => {
    const { fileIds } = deliver(frames.slice(0, 3));
    const isPoison = ({ name }: { name: string }) => name === frames[1]!.path;
    let triedAlone = 0;
    const poisoned = poolThat({
      async runStageBatch(stage, inputs, signal) {
        const outcomes = await pool.runStageBatch(stage, inputs, signal);
        return outcomes.map((each, at) =>
          stage === 'inspect' && isPoison(inputs[at]!) ? { outcome: null, ms: 1, error: 'trapped' } : each,
        );
      },
      async runStage(stage, input, options) {
        triedAlone += 1;
        if (isPoison(input)) throw new Error('trapped again');
        return pool.runStage(stage, input, options);
      },
    });
    await runToTheEnd(hub, poisoned);
    expect(triedAlone).toBe(jobs.runStage.maxClaims);
    expect(fileIds.map(statusesOf)).toEqual([through, ['checksum done', 'inspect failed'], through]);
    expect(runsOf(fileIds[1]!)[1]).toMatchObject({ failure: 'crashed' });
    expect(round()).toMatchObject({ filesProcessed: 3, filesFailed: 1 });
    expect(request().status).toBe('processed');
  });

  test('when the thread dies, each frame continues in a job of its own', async () => {
    const { fileIds } = deliver(frames.slice(0, 3));
    const dying = poolThat({
      runStageBatch: async () => {
        throw new Error('the thread died');
      },
    });
    await runToTheEnd(hub, dying);
    for (const fileId of fileIds) expect(statusesOf(fileId)).toEqual(through);
    expect(rowsOf('runFrames')[0]).toMatchObject({ status: 'done' });
    expect(round()).toMatchObject({ filesProcessed: 3, filesFailed: 0 });
  });
});

describe('after a crash in the middle', () => {
  test('frames continue where they were, in jobs of their own', async () => {
    const { fileIds } = deliver(frames.slice(0, 3));
    const vanished = new Error('the worker vanished');
    const stopped = new AbortController();
    const checked: string[] = [];
    const counting = poolThat({
      async runStageBatch(stage, inputs, signal) {
        if (stage === 'inspect') stopped.abort(vanished);
        stopped.signal.throwIfAborted();
        checked.push(...inputs.map(({ name }) => `${stage} ${name}`));
        return pool.runStageBatch(stage, inputs, signal);
      },
      async runStage(stage, input, options) {
        checked.push(`${stage} ${input.name}`);
        return pool.runStage(stage, input, options);
      },
    });
    await runJob(toolsOf(hub.ctx, counting), claim(hub.ctx, ['processRound'])!, new AbortController().signal);
    const first = claim(hub.ctx, ['runFrames'])!;
    // Cancelled during the inspection: the checksums are recorded, and nothing else is written.
    await expect(runJob(toolsOf(hub.ctx, counting), first, stopped.signal)).rejects.toThrow(vanished);
    expect(fileIds.map((fileId) => statusesOf(fileId)[1])).toEqual(Array(3).fill('inspect running'));
    hub.clock.advance(jobs.runFrames.leaseMs + 1);
    await runToTheEnd(hub, poolThat({ runStage: counting.runStage }));
    for (const fileId of fileIds) expect(statusesOf(fileId)).toEqual(through);
    expect(new Set(checked).size).toBe(checked.length);
    expect(round()).toMatchObject({ filesProcessed: 3, filesFailed: 0 });
    expect(request().status).toBe('processed');
  });

  test('a released job continues unchanged', async () => {
    deliver(frames.slice(0, 3));
    await runJob(toolsOf(hub.ctx, pool), claim(hub.ctx, ['processRound'])!, new AbortController().signal);
    const released = claim(hub.ctx, ['runFrames']) as FramesJob;
    expect(beginFrames(hub.ctx, released)).toHaveLength(3);
    release(hub.ctx, released);
    await runToTheEnd(hub, pool);
    expect(rowsOf('runStage')).toEqual([]);
    expect(request().status).toBe('processed');
  });
});

test('a frame whose stage a person skipped gets a job of its own', async () => {
  const { fileIds, coordinator } = deliver(frames.slice(0, 3));
  await runJob(toolsOf(hub.ctx, pool), claim(hub.ctx, ['processRound'])!, new AbortController().signal);
  const job = claim(hub.ctx, ['runFrames']) as FramesJob;
  beginFrames(hub.ctx, job);
  const stopping = poolThat({
    async runStageBatch(stage, inputs, signal) {
      const outcomes = await pool.runStageBatch(stage, inputs, signal);
      if (stage === 'inspect') {
        const file = hub.db
          .select()
          .from(deliveredFiles)
          .all()
          .find(({ id }) => id === fileIds[1])!;
        skipStage(coordinator, { file, stage }, 'a test frame');
      }
      return outcomes;
    },
  });
  await runJob(toolsOf(hub.ctx, stopping), job, new AbortController().signal);
  await runToTheEnd(hub, pool);
  expect(fileIds.map(statusesOf)).toEqual([
    through,
    ['checksum done', 'inspect skipped', 'encode done'],
    through,
  ]);
  expect(round()).toMatchObject({ filesProcessed: 3, filesFailed: 0 });
});
