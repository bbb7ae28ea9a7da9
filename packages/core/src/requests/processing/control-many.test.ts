import { and, eq, inArray } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { events } from '@turnover/db/schema/events';
import { jobs, stageRuns } from '@turnover/db/schema/jobs';
import { rounds } from '@turnover/db/schema/requests';
import type { StageStatus } from '@turnover/domain/media/stages';
import { everyFile } from '../files/remove.ts';
import type { DeliveryRequest } from '../../access.ts';
import { refusalOf, requestScene, type RequestScene } from '../../testing/requests.ts';
import { currentRequest } from '../transitions.ts';
import { retryStages, skipStages, treatableStages } from './control-many.ts';
import { stageKey } from './rounds.ts';

let scene: RequestScene;
let request: DeliveryRequest;
beforeEach(async () => {
  scene = await requestScene();
  request = scene.createRequest();
});
afterEach(() => scene.close());

type Stages = Record<string, StageStatus | { skipped: string }>;

/** Files of a submitted round with these stages. A failed stage has removed its later stage `encode`. */
function processing(files: Record<string, Stages>): Record<string, string> {
  const { db, ctx } = scene.hub;
  const ids = Object.fromEntries(Object.keys(files).map((path) => [path, scene.deliver(request, path)]));
  scene.submitRound(request);
  const over = (stages: Stages) =>
    !Object.values(stages).some((each) => each === 'waiting' || each === 'running');
  const hasFailed = (stages: Stages) => Object.values(stages).includes('failed');
  const all = Object.values(files);
  scene.put(request, all.every(over) ? 'processed' : 'processing');
  db.update(rounds)
    .set({
      filesToProcess: all.length,
      filesProcessed: all.filter(over).length,
      filesFailed: all.filter(hasFailed).length,
    })
    .run();
  for (const [path, stages] of Object.entries(files))
    for (const [position, [stage, state]] of Object.entries(stages).entries()) {
      const isSkip = typeof state === 'object';
      const leftOut = [{ stage: 'encode', mode: 'simulated' as const, position: position + 1 }];
      db.insert(stageRuns)
        .values({
          id: ctx.newId('stageRun'),
          requestId: request.id,
          fileId: ids[path]!,
          round: 1,
          position,
          stage,
          mode: 'real',
          status: isSkip ? 'skipped' : state,
          facts: isSkip ? { reason: state.skipped } : {},
          leftOut: state === 'failed' ? leftOut : null,
          createdAt: 0,
        })
        .run();
    }
  return ids;
}

const lead = () => scene.hub.as(scene.people.coordinator);
const round = () => scene.hub.db.select().from(rounds).get()!;
const status = () => currentRequest(scene.hub.db, request.id).status;
const stagesOf = (fileId: string) =>
  Object.fromEntries(
    scene.hub.db
      .select()
      .from(stageRuns)
      .where(eq(stageRuns.fileId, fileId))
      .all()
      .map((run) => [run.stage, run.status]),
  );
const queued = () => {
  const keys = scene.hub.db
    .select()
    .from(jobs)
    .all()
    .map(({ dedupeKey }) => dedupeKey);
  return scene.hub.db
    .select()
    .from(stageRuns)
    .all()
    .filter(({ id }) => keys.includes(stageKey(id)))
    .map(({ stage }) => stage)
    .sort();
};
const history = (kind: 'file.stageRetried' | 'file.stageSkipped') =>
  scene.hub.db
    .select()
    .from(events)
    .where(and(eq(events.requestId, request.id), eq(events.kind, kind)))
    .all();

const frames = (count: number, stages: Stages) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`reel/shot.${String(1001 + index)}.dpx`, stages]),
  );

describe('retrying many', () => {
  test('retries every frame of a sequence, in several transactions', async () => {
    processing(frames(120, { checksum: 'done', inspect: 'failed' }));
    expect(await retryStages(lead(), request, everyFile)).toEqual({ files: 120 });
    expect(status()).toBe('processing');
    expect(round()).toMatchObject({
      filesToProcess: 120,
      filesProcessed: 0,
      filesFailed: 0,
      processedAt: null,
    });
    expect(queued()).toEqual(Array(120).fill('inspect'));
    const counts = history('file.stageRetried').map(({ data }) => (data as { count: number }).count);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(120);
  });

  test('leaves out stages that run or are done, and failures that lie in the file', async () => {
    const ids = processing({
      'failed.mov': { checksum: 'done', inspect: 'failed' },
      'full.mov': { checksum: 'done', preview: { skipped: 'no_space' }, encode: 'done' },
      'slow.mov': { checksum: 'done', preview: { skipped: 'preview_too_slow' } },
      'none.bin': { checksum: 'done', preview: { skipped: 'no_preview' } },
      'runs.mov': { checksum: 'running', inspect: 'waiting' },
    });
    expect(await treatableStages(lead(), request, everyFile)).toEqual([
      { stage: 'inspect', mode: 'real', name: null, retry: 1, skip: 2 },
      { stage: 'preview', mode: 'real', name: null, retry: 2, skip: 0 },
    ]);
    expect(await retryStages(lead(), request, everyFile)).toEqual({ files: 3 });
    expect(stagesOf(ids['failed.mov']!)).toEqual({ checksum: 'done', inspect: 'waiting', encode: 'waiting' });
    expect(stagesOf(ids['full.mov']!)).toEqual({ checksum: 'done', preview: 'waiting', encode: 'done' });
    expect(stagesOf(ids['none.bin']!)).toEqual({ checksum: 'done', preview: 'skipped' });
    expect(round()).toMatchObject({ filesProcessed: 1, filesFailed: 0 });
    expect(queued()).toEqual(['inspect', 'preview', 'preview']);
  });

  test('runs two skipped stages of a file one after the other', async () => {
    const ids = processing({
      'a.mov': { checksum: 'done', inspect: { skipped: 'by_person' }, preview: { skipped: 'no_space' } },
    });
    await retryStages(lead(), request, everyFile);
    expect(stagesOf(ids['a.mov']!)).toMatchObject({ inspect: 'waiting', preview: 'waiting' });
    expect(queued()).toEqual(['inspect']);
    expect(round()).toMatchObject({ filesProcessed: 0 });
  });

  test('retries only the selected files', async () => {
    const stages: Stages = { checksum: 'failed' };
    const ids = processing({ 'a.mov': stages, 'b.mov': stages });
    expect(await retryStages(lead(), request, { fileIds: [ids['a.mov']!] })).toEqual({ files: 1 });
    expect(stagesOf(ids['b.mov']!)).toEqual({ checksum: 'failed' });
    // Does nothing the second time, because the stage waits already.
    expect(await retryStages(lead(), request, { fileIds: [ids['a.mov']!] })).toEqual({ files: 0 });
  });
});

describe('skipping a stage of many', () => {
  test('continues files whose stage waits, runs or failed; records the reason once for each deliverer', async () => {
    const ids = processing({
      'waits.mov': { checksum: 'running', inspect: 'waiting', encode: 'waiting' },
      'runs.mov': { checksum: 'done', inspect: 'running', encode: 'waiting' },
      'last.mov': { checksum: 'done', inspect: 'running' },
      'failed.mov': { checksum: 'done', inspect: 'failed' },
      'done.mov': { checksum: 'done', inspect: 'done' },
    });
    const skip = { selection: everyFile, stage: 'inspect', reason: 'The house knows it' };
    expect(await skipStages(lead(), request, skip)).toEqual({ files: 4 });
    for (const name of ['waits.mov', 'runs.mov', 'last.mov', 'failed.mov'])
      expect(stagesOf(ids[name]!)).toMatchObject({ inspect: 'skipped' });
    expect(stagesOf(ids['done.mov']!)).toEqual({ checksum: 'done', inspect: 'done' });
    // The stage that waits still has its checksum stage before it; the failed one gets back the stages that its failure
    // removed.
    expect(queued()).toEqual(['encode', 'encode']);
    expect(round()).toMatchObject({ filesProcessed: 2, filesFailed: 0 });
    expect(history('file.stageSkipped')).toMatchObject([
      {
        actorId: scene.people.coordinator.id,
        data: { stage: 'inspect', count: 4, reason: 'The house knows it' },
      },
    ]);
  });

  test('ends the round with the last file', async () => {
    processing(frames(3, { checksum: 'done', inspect: 'running' }));
    await skipStages(lead(), request, { selection: everyFile, stage: 'inspect', reason: 'Known' });
    expect(status()).toBe('processed');
    expect(round()).toMatchObject({ filesProcessed: 3, filesFailed: 0 });
  });

  test('never skips the checksum stage', async () => {
    const ids = processing({ 'a.mov': { checksum: 'failed' } });
    const skip = { selection: everyFile, stage: 'checksum', reason: 'Never mind' };
    expect(await skipStages(lead(), request, skip)).toEqual({ files: 0 });
    expect(stagesOf(ids['a.mov']!)).toEqual({ checksum: 'failed' });
  });
});

test.each(['open', 'accepted', 'redelivery'] as const)('retries nothing in %s', async (state) => {
  const ids = processing({ 'a.mov': { checksum: 'failed' } });
  scene.put(request, state);
  expect(await refusalOf(() => retryStages(lead(), request, everyFile))).toMatchObject({
    code: 'status_forbids',
  });
  expect(stagesOf(ids['a.mov']!)).toEqual({ checksum: 'failed' });
});

test.each(['partner', 'uploader', 'reviewer'] as const)('a %s cannot do either', async (role) => {
  processing({ 'a.mov': { checksum: 'failed' } });
  const ctx = scene.hub.as(scene.people[role]);
  const { code } = await refusalOf(() => retryStages(ctx, request, everyFile));
  expect(['forbidden', 'not_found']).toContain(code);
  const failed = scene.hub.db
    .select()
    .from(stageRuns)
    .where(inArray(stageRuns.status, ['failed']))
    .all();
  expect(failed).toHaveLength(1);
});
