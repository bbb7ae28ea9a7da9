import { afterEach, beforeEach, expect, test } from 'vitest';
import { stageRuns } from '@turnover/db/schema/jobs';
import { rounds } from '@turnover/db/schema/requests';
import { processingOf, stagesOf } from './view.ts';
import { createSampleDelivery, type SampleDelivery } from '../../testing/sample-delivery.ts';
import { testHub, type TestHub } from '../../testing/hub.ts';

let hub: TestHub;
let delivery: SampleDelivery;

beforeEach(async () => {
  hub = await testHub();
  const file = (path: string) => ({ path, bytes: Buffer.from(path), xxh128: '' });
  delivery = createSampleDelivery(hub, ['a.mov', 'b.mov', 'c.mov', 'd.wav'].map(file));
});

afterEach(() => {
  hub.close();
});

type Run = typeof stageRuns.$inferInsert;

function addRun(file: number, facts: Partial<Run>): void {
  hub.db
    .insert(stageRuns)
    .values({
      id: hub.ctx.newId('stageRun'),
      requestId: delivery.request.id,
      fileId: delivery.fileIds[file]!,
      round: 1,
      position: 0,
      stage: 'checksum',
      mode: 'real',
      status: 'waiting',
      facts: {},
      createdAt: hub.clock.now,
      ...facts,
    })
    .run();
}

function addPlan(file: number, lane: 'heavy' | 'light', startAt: number, endAt: number): void {
  const plan = { lane, slot: 0, startAt: hub.clock.now + startAt, endAt: hub.clock.now + endAt };
  addRun(file, { stage: 'encode', mode: 'simulated', position: 1, status: 'running', ...plan });
}

function stage(file: number, position = 0) {
  return stagesOf(hub.db, delivery.fileIds, hub.clock.now).get(delivery.fileIds[file]!)?.[position];
}

test('returns no stages for a file that was never processed, and no processing state for its request', () => {
  expect(stagesOf(hub.db, delivery.fileIds, hub.clock.now).size).toBe(0);
  expect(processingOf(hub.db, delivery.request, hub.clock.now)).toBeNull();
});

test('lists stages in the order of the pipeline, not of their rows', () => {
  addPlan(0, 'heavy', 0, 1000);
  addRun(0, { status: 'done', progress: 1 });
  expect([stage(0)?.stage, stage(0, 1)?.stage]).toEqual(['checksum', 'encode']);
});

test('extrapolates the end of a real stage from its speed so far', () => {
  addRun(0, { status: 'running', startAt: hub.clock.now - 1000, progress: 0.25 });
  expect(stage(0)).toMatchObject({
    status: 'running',
    progress: 0.25,
    endAt: hub.clock.now + 3000,
    place: null,
  });
  addRun(1, { status: 'running', startAt: hub.clock.now, progress: 0 });
  expect(stage(1)?.endAt).toBeNull();
});

test('shows the progress of a simulation at the current time', () => {
  addPlan(0, 'heavy', 0, 1000);
  addPlan(1, 'heavy', 1000, 2000);
  addPlan(2, 'heavy', 2000, 4000);
  addPlan(3, 'light', 500, 600);
  const shown = () => [0, 1, 2, 3].map((file) => stage(file)).map((s) => [s?.status, s?.progress, s?.place]);
  expect(shown()).toEqual([
    ['running', 0, null],
    ['waiting', 0, 0],
    ['waiting', 0, 1],
    ['waiting', 0, 0],
  ]);
  hub.clock.advance(2500);
  expect(shown()).toEqual([
    ['running', 1, null],
    ['running', 1, null],
    ['running', 0.25, null],
    ['running', 1, null],
  ]);
});

test('a file has the same place in the queue on its page as in a list', () => {
  addPlan(0, 'heavy', 0, 1000);
  addPlan(1, 'heavy', 1000, 2000);
  addPlan(2, 'heavy', 2000, 4000);
  const alone = stagesOf(hub.db, [delivery.fileIds[2]!], hub.clock.now).get(delivery.fileIds[2]!);
  expect(alone?.[0]?.place).toBe(1);
});

test('a round counts ended and failed files, and has an expected end', () => {
  const { id } = delivery.request;
  const counts = { filesToProcess: 4, filesProcessed: 2, filesFailed: 1 };
  const submitted = { submittedAt: hub.clock.now, submittedBy: delivery.coordinator.person.id };
  hub.db
    .insert(rounds)
    .values({ requestId: id, number: 1, ...submitted, ...counts })
    .run();
  addPlan(0, 'heavy', 0, 9000);
  addRun(1, { status: 'running', startAt: hub.clock.now - 1000, progress: 0.5 });
  const processing = { ...delivery.request, status: 'processing' as const };
  expect(processingOf(hub.db, processing, hub.clock.now)).toEqual({
    files: 4,
    done: 1,
    failed: 1,
    expectedEndAt: hub.clock.now + 9000,
  });
  const processed = { ...delivery.request, status: 'processed' as const };
  expect(processingOf(hub.db, processed, hub.clock.now)?.expectedEndAt).toBeNull();
});
