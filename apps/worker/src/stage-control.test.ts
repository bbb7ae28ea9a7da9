/** Stages that a coordinator retries, skips and cancels while a worker runs them. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { submitRequest } from '@turnover/core/requests/actions';
import { cancelStage, retryStage, skipStage } from '@turnover/core/requests/processing/control';
import { stagesOf } from '@turnover/core/requests/processing/view';
import { createSampleDelivery, type SampleDelivery } from '@turnover/core/testing/sample-delivery';
import { testHub, type TestHub } from '@turnover/core/testing/hub';
import { requests, rounds } from '@turnover/db/schema/requests';
import { events } from '@turnover/db/schema/events';
import { jobs } from '@turnover/domain/server/jobs';
import { openPool, type Pool } from './pool.ts';
import { runnerOf, runToTheEnd, sampleFile } from './testing/worker.ts';

let pool: Pool;
let hub: TestHub;

beforeAll(() => {
  pool = openPool(2);
});
afterAll(() => pool.close());
beforeEach(async () => {
  hub = await testHub();
});
afterEach(() => hub.close());

async function deliver(): Promise<SampleDelivery & { fileId: string }> {
  const delivery = createSampleDelivery(hub, [await sampleFile('feature.en.srt', 'some words')]);
  submitRequest(delivery.coordinator, delivery.request);
  return { ...delivery, fileId: delivery.fileIds[0]! };
}

function poolThat(runStage: Pool['runStage']): Pool {
  return { ...pool, stageThreads: pool.stageThreads, hashThreads: pool.hashThreads, runStage };
}

/** Throws in this stage as long as `isBroken`. */
function breakingIn(broken: string, isBroken: () => boolean): Pool {
  return poolThat((stage, input, options) => {
    if (stage === broken && isBroken()) throw new Error('broken');
    return pool.runStage(stage, input, options);
  });
}

const status = () => hub.db.select().from(requests).get()!.status;
const round = () => hub.db.select().from(rounds).get()!;
const view = (fileId: string) => stagesOf(hub.db, [fileId], hub.clock.now).get(fileId)!;
const states = (fileId: string) => view(fileId).map(({ stage, status }) => `${stage} ${status}`);
const happened = (kind: string) =>
  hub.db
    .select()
    .from(events)
    .all()
    .filter((event) => event.kind === kind);

test('a retried stage ends the round a second time, with the later stages', async () => {
  const { coordinator, fileId } = await deliver();
  let isBroken = true;
  const breaking = breakingIn('inspect', () => isBroken);
  await runToTheEnd(hub, breaking);
  expect(status()).toBe('processed');
  expect(states(fileId)).toEqual(['checksum done', 'inspect failed']);
  isBroken = false;
  retryStage(coordinator, { file: { id: fileId }, stage: 'inspect' });
  expect(status()).toBe('processing');
  await runToTheEnd(hub, breaking);
  expect(status()).toBe('processed');
  expect(states(fileId)).toEqual([
    'checksum done',
    'inspect done',
    'text done',
    'preview skipped',
    'encode done',
  ]);
  expect(round()).toMatchObject({ filesToProcess: 1, filesProcessed: 1, filesFailed: 0 });
  expect(happened('request.processed')).toHaveLength(2);
});

test('a skipped failure lets the later stages run, and the file counts as ended', async () => {
  const { coordinator, fileId } = await deliver();
  await runToTheEnd(
    hub,
    breakingIn('inspect', () => true),
  );
  skipStage(coordinator, { file: { id: fileId }, stage: 'inspect' }, 'Known player');
  await runToTheEnd(hub, pool);
  expect(states(fileId)).toEqual([
    'checksum done',
    'inspect skipped',
    'text done',
    'preview skipped',
    'encode done',
  ]);
  expect(round()).toMatchObject({ filesProcessed: 1, filesFailed: 0 });
  expect(status()).toBe('processed');
});

test('a skipped simulation in the queue does not delay Processed', async () => {
  const { coordinator, fileId } = await deliver();
  await runnerOf(hub.ctx, pool).runUntilIdle();
  expect(states(fileId).at(-1)).toBe('encode running');
  skipStage(coordinator, { file: { id: fileId }, stage: 'encode' }, 'No proxy needed');
  expect(status()).toBe('processed');
  await runToTheEnd(hub, pool);
  expect(states(fileId).at(-1)).toBe('encode skipped');
  expect(round()).toMatchObject({ filesProcessed: 1, filesFailed: 0 });
});

test('a cancelled stage ends its thread and writes nothing more', async () => {
  const { coordinator, fileId } = await deliver();
  const begun = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<void>();
  const endless = poolThat(
    (_stage, _input, { onProgress }) =>
      new Promise((_resolve, reject) => {
        begun.resolve();
        // Like the pool: reporting progress of a job that is no longer held ends the run.
        void stopped.promise.then(() => {
          try {
            onProgress(0.5);
          } catch (error) {
            reject(error as Error);
          }
        });
      }),
  );
  const runner = runnerOf(hub.ctx, endless);
  const ended = runner.runUntilIdle();
  await begun.promise;
  cancelStage(coordinator, { file: { id: fileId }, stage: 'checksum' });
  stopped.resolve();
  await ended;
  expect(view(fileId)).toMatchObject([{ stage: 'checksum', status: 'failed', failure: 'cancelled' }]);
  expect(status()).toBe('processed');
  expect(round()).toMatchObject({ filesProcessed: 1, filesFailed: 1 });
  expect(hub.logged.filter(({ event }) => event === 'job.leaseLost')).toHaveLength(1);
});

test('a stage between two attempts waits, and shows which attempt begins when', async () => {
  const { fileId } = await deliver();
  const breaking = breakingIn('checksum', () => true);
  await runnerOf(hub.ctx, breaking).runUntilIdle();
  const { maxClaims } = jobs.runStage;
  const at = hub.clock.now + 500;
  expect(view(fileId)[0]).toMatchObject({
    stage: 'checksum',
    status: 'waiting',
    attempt: { number: 2, of: maxClaims, at },
  });
  const pages = happened('file.stageChanged').map(({ data }) => data.status);
  expect(pages).toEqual(['running', 'waiting']);
  hub.clock.now = at;
  const seen: unknown[] = [];
  const watching = poolThat(async (stage, input, options) => {
    if (stage === 'checksum') seen.push(view(fileId)[0]!.attempt);
    return pool.runStage(stage, input, options);
  });
  await runnerOf(hub.ctx, watching).runUntilIdle();
  expect(seen).toEqual([{ number: 2, of: maxClaims, at: null }]);
  expect(view(fileId)[0]).toMatchObject({ status: 'done', attempt: null });
});

test('each attempt at previews has a folder of its own, which an earlier attempt cannot remove', async () => {
  await deliver();
  const folders: (string | undefined)[] = [];
  const breakingOnce = poolThat((stage, input, options) => {
    if (stage === 'preview') folders.push(input.previews?.folder);
    if (stage === 'preview' && folders.length === 1) throw new Error('broken');
    return pool.runStage(stage, input, options);
  });
  await runToTheEnd(hub, breakingOnce);
  expect(folders).toEqual([expect.any(String), expect.any(String)]);
  expect(folders[0]).not.toBe(folders[1]);
});
