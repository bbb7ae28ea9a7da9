import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { and, eq, ne } from 'drizzle-orm';
import { events } from '@turnover/db/schema/events';
import { jobs, stageRuns } from '@turnover/db/schema/jobs';
import { deliveredFiles, rounds } from '@turnover/db/schema/requests';
import { stageActions, type StageAction } from '@turnover/domain/media/stage-control';
import type { StageStatus } from '@turnover/domain/media/stages';
import { decide } from '@turnover/domain/people/permissions';
import { roles } from '@turnover/domain/people/projects';
import { actions as table } from '@turnover/domain/requests/actions';
import { requestStatuses, type RequestStatus } from '@turnover/domain/requests/machine';
import type { PersonContext } from '../../context.ts';
import { claim, underLease } from '../../jobs.ts';
import { refusalOf, requestScene, type RequestScene } from '../../testing/requests.ts';
import { viewFile } from '../files/list.ts';
import { currentRequest } from '../transitions.ts';
import { cancelStage, retryStage, skipStage } from './control.ts';
import { enqueueStages } from './rounds.ts';

let scene: RequestScene;
beforeAll(async () => {
  scene = await requestScene();
});
afterAll(() => scene.close());

const run: Record<StageAction, (ctx: PersonContext, fileId: string, stage: string) => unknown> = {
  retryStage: (ctx, id, stage) => retryStage(ctx, { file: { id }, stage }),
  skipStage: (ctx, id, stage) => skipStage(ctx, { file: { id }, stage }, 'The house knows it'),
  cancelStage: (ctx, id, stage) => cancelStage(ctx, { file: { id }, stage }),
};

type Stages = Record<string, StageStatus>;

/** A submitted request with one file whose stages are in these states. A failed stage has removed the later stage `encode`. */
function processing(status: RequestStatus, stages: Stages) {
  const { db, ctx } = scene.hub;
  const request = scene.createRequest();
  const fileId = scene.deliver(request, 'mix.wav');
  scene.submitRound(request);
  scene.put(request, status);
  const failed = Object.values(stages).includes('failed') ? 1 : 0;
  const isOver = !Object.values(stages).some((each) => each === 'waiting' || each === 'running');
  db.update(rounds)
    .set({ filesToProcess: 1, filesProcessed: isOver ? 1 : 0, filesFailed: failed })
    .where(eq(rounds.requestId, request.id))
    .run();
  for (const [position, [stage, state]] of Object.entries(stages).entries()) {
    const id = ctx.newId('stageRun');
    const leftOut =
      state === 'failed' ? [{ stage: 'encode', mode: 'simulated' as const, position: position + 1 }] : null;
    const isOfFile = { requestId: request.id, fileId, round: 1, position, stage, mode: 'real' as const };
    db.insert(stageRuns)
      .values({ id, ...isOfFile, status: state, leftOut, facts: {}, createdAt: ctx.clock() })
      .run();
    const job = { kind: 'runStage', payload: { stageRunId: id }, status: 'waiting', runAt: 0 } as const;
    if (state === 'running')
      db.insert(jobs)
        .values({ id: ctx.newId('job'), ...job, dedupeKey: `stage:${id}`, createdAt: 0 })
        .run();
  }
  return { request, fileId };
}

const lead = () => scene.hub.as(scene.people.coordinator);
const stagesOf = (fileId: string) =>
  scene.hub.db
    .select()
    .from(stageRuns)
    .where(eq(stageRuns.fileId, fileId))
    .orderBy(stageRuns.position)
    .all()
    .map(({ stage, status }) => [stage, status]);
const roundOf = ({ id }: { id: string }) =>
  scene.hub.db.select().from(rounds).where(eq(rounds.requestId, id)).get()!;
const eventsOf = ({ id }: { id: string }) =>
  scene.hub.db
    .select()
    .from(events)
    .where(and(eq(events.requestId, id), ne(events.kind, 'file.added')))
    .all();
const queued = (fileId: string) => {
  const rows = scene.hub.db.select().from(jobs).all();
  const runs = scene.hub.db.select().from(stageRuns).where(eq(stageRuns.fileId, fileId)).all();
  return runs
    .filter(({ id }) => rows.some(({ dedupeKey }) => dedupeKey === `stage:${id}`))
    .map(({ stage }) => stage);
};

describe.each(roles)('%s', (role) => {
  const cases = requestStatuses.flatMap((status) => stageActions.map((action) => [status, action] as const));

  test.each(cases)(
    'in %s, %s succeeds exactly when the view says that it is possible',
    async (status, action) => {
      // A processed request has no running stage.
      const state = action === 'retryStage' || status === 'processed' ? 'failed' : 'running';
      const { request, fileId } = processing(status, { checksum: 'done', inspect: state });
      const ctx = scene.hub.as(scene.people[role]);
      const assigned = role === 'partner' || role === 'uploader';
      const verdict = decide(table[action].permission, {
        role,
        isOwner: false,
        assigned,
        deliveredIt: false,
      });
      const isOpen = (table[action].statuses as readonly RequestStatus[]).includes(status);
      const before = stagesOf(fileId);
      if (verdict === 'granted' && isOpen) {
        expect(viewFile(ctx, fileId).possible[action]).toBeNull();
        run[action](ctx, fileId, 'inspect');
        expect(stagesOf(fileId)).not.toEqual(before);
        return;
      }
      const { code } = await refusalOf(() => run[action](ctx, fileId, 'inspect'));
      const refusals = { hidden: 'not_found', forbidden: 'forbidden', granted: 'status_forbids' };
      expect(code).toBe(refusals[verdict]);
      expect(stagesOf(fileId)).toEqual(before);
      expect(currentRequest(scene.hub.db, request.id).status).toBe(status);
      if (decide('file:view', { role, isOwner: false, assigned, deliveredIt: false }) === 'granted')
        expect(viewFile(ctx, fileId).possible[action]?.code).toBe(code);
    },
  );
});

describe('retrying', () => {
  test('queues the failed stage and the stages that its failure removed, and reopens the file in the round', () => {
    const { request, fileId } = processing('processing', { checksum: 'done', inspect: 'failed' });
    retryStage(lead(), { file: { id: fileId }, stage: 'inspect' });
    expect(stagesOf(fileId)).toEqual([
      ['checksum', 'done'],
      ['inspect', 'waiting'],
      ['encode', 'waiting'],
    ]);
    expect(queued(fileId)).toEqual(['inspect']);
    expect(roundOf(request)).toMatchObject({ filesToProcess: 1, filesProcessed: 0, filesFailed: 0 });
    expect(eventsOf(request)).toMatchObject([
      { kind: 'file.stageRetried', actorId: scene.people.coordinator.id, data: { stage: 'inspect' } },
    ]);
  });

  test('puts a processed request back into processing, so that nobody accepts unchecked files', () => {
    const { request, fileId } = processing('processed', { checksum: 'failed' });
    scene.hub.db.update(rounds).set({ processedAt: 5 }).where(eq(rounds.requestId, request.id)).run();
    retryStage(lead(), { file: { id: fileId }, stage: 'checksum' });
    expect(currentRequest(scene.hub.db, request.id).status).toBe('processing');
    expect(roundOf(request)).toMatchObject({ processedAt: null, filesProcessed: 0, filesFailed: 0 });
    expect(eventsOf(request).map(({ kind }) => kind)).toEqual([
      'request.processingResumed',
      'file.stageRetried',
    ]);
  });

  test('removes the job that was given up from the queue', () => {
    const { fileId } = processing('processed', { checksum: 'failed' });
    const { db, ctx } = scene.hub;
    const { id } = db.select().from(stageRuns).where(eq(stageRuns.fileId, fileId)).get()!;
    const dead = { id: ctx.newId('job'), kind: 'runStage', payload: { stageRunId: id } } as const;
    db.insert(jobs)
      .values({ ...dead, status: 'dead', runAt: 0, dedupeKey: `stage:${id}`, createdAt: 0 })
      .run();
    retryStage(lead(), { file: { id: fileId }, stage: 'checksum' });
    const ofStage = db
      .select()
      .from(jobs)
      .where(eq(jobs.dedupeKey, `stage:${id}`))
      .all();
    expect(ofStage).toMatchObject([{ status: 'waiting', claims: 0 }]);
  });
});

describe('skipping', () => {
  test('a failed stage restores the stages that its failure removed, and reopens processing', () => {
    const { request, fileId } = processing('processed', { checksum: 'done', inspect: 'failed' });
    const { stages } = skipStage(lead(), { file: { id: fileId }, stage: 'inspect' }, 'Seen by eye');
    expect(stages[1]).toMatchObject({
      status: 'skipped',
      skipReason: 'by_person',
      skipNote: 'Seen by eye',
      failure: null,
    });
    expect(queued(fileId)).toEqual(['encode']);
    expect(currentRequest(scene.hub.db, request.id).status).toBe('processing');
    expect(roundOf(request)).toMatchObject({ filesProcessed: 0, filesFailed: 0 });
    expect(eventsOf(request).find(({ kind }) => kind === 'file.stageSkipped')).toMatchObject({
      actorId: scene.people.coordinator.id,
      data: { name: 'mix.wav', stage: 'inspect', reason: 'Seen by eye' },
    });
  });

  test('the last stage of a failed file keeps the request processed and counts the file as ended', () => {
    const { request, fileId } = processing('processed', { checksum: 'done', inspect: 'failed' });
    scene.hub.db.update(stageRuns).set({ leftOut: null }).where(eq(stageRuns.fileId, fileId)).run();
    skipStage(lead(), { file: { id: fileId }, stage: 'inspect' }, 'Seen by eye');
    expect(currentRequest(scene.hub.db, request.id).status).toBe('processed');
    expect(roundOf(request)).toMatchObject({ filesProcessed: 1, filesFailed: 0 });
    expect(queued(fileId)).toEqual([]);
  });

  test('the last running stage ends the round', () => {
    const { request, fileId } = processing('processing', { checksum: 'done', encode: 'running' });
    skipStage(lead(), { file: { id: fileId }, stage: 'encode' }, 'No proxy needed');
    expect(queued(fileId)).toEqual([]);
    expect(currentRequest(scene.hub.db, request.id).status).toBe('processed');
    expect(roundOf(request)).toMatchObject({ filesProcessed: 1, filesFailed: 0 });
  });

  test('a later stage does not affect the running one', () => {
    const stages: Stages = { checksum: 'running', inspect: 'waiting', encode: 'waiting' };
    const { fileId } = processing('processing', stages);
    skipStage(lead(), { file: { id: fileId }, stage: 'inspect' }, 'Not needed');
    expect(stagesOf(fileId)).toEqual([
      ['checksum', 'running'],
      ['inspect', 'skipped'],
      ['encode', 'waiting'],
    ]);
    expect(queued(fileId)).toEqual(['checksum']);
  });

  test('is refused for the checksum stage', async () => {
    const { fileId } = processing('processing', { checksum: 'running' });
    const refused = refusalOf(() => skipStage(lead(), { file: { id: fileId }, stage: 'checksum' }, 'x'));
    expect(await refused).toMatchObject({ code: 'stage_forbids', details: { stage: 'checksum' } });
  });
});

describe('cancelling', () => {
  test('fails the stage, removes the later ones, and revokes the lease of the worker', () => {
    scene.hub.db.delete(jobs).run();
    const stages: Stages = { checksum: 'running', inspect: 'waiting', encode: 'waiting' };
    const { request, fileId } = processing('processing', stages);
    const job = claim(scene.hub.ctx)!;
    const { stages: after } = cancelStage(lead(), { file: { id: fileId }, stage: 'checksum' });
    expect(after).toMatchObject([{ stage: 'checksum', status: 'failed', failure: 'cancelled' }]);
    expect(() => underLease(scene.hub.db, job, () => null)).toThrow('lease');
    expect(currentRequest(scene.hub.db, request.id).status).toBe('processed');
    expect(roundOf(request)).toMatchObject({ filesProcessed: 1, filesFailed: 1 });
    expect(eventsOf(request).map(({ kind }) => kind)).toContain('file.stageCancelled');
    retryStage(lead(), { file: { id: fileId }, stage: 'checksum' });
    expect(stagesOf(fileId).map(([stage]) => stage)).toEqual(['checksum', 'inspect', 'encode']);
  });

  test('is refused for a stage that is not the next one of its file', async () => {
    const { fileId } = processing('processing', { checksum: 'running', inspect: 'waiting' });
    const refused = refusalOf(() => cancelStage(lead(), { file: { id: fileId }, stage: 'inspect' }));
    expect(await refused).toMatchObject({ code: 'stage_forbids' });
  });
});

describe('is refused', () => {
  test.each(stageActions)('%s of a stage that is done', async (action) => {
    const { fileId } = processing('processing', { inspect: 'done', encode: 'running' });
    expect(await refusalOf(() => run[action](lead(), fileId, 'inspect'))).toMatchObject({
      code: 'stage_forbids',
    });
  });

  test.each(stageActions)('%s of a stage that the file does not have', async (action) => {
    const { fileId } = processing('processing', { checksum: 'running' });
    const { code } = await refusalOf(() => run[action](lead(), fileId, 'text'));
    expect(code).toBe('not_found');
  });

  test('for a file that was removed from the request, and for an earlier round', async () => {
    const { db } = scene.hub;
    const gone = processing('processed', { inspect: 'failed' });
    db.update(deliveredFiles)
      .set({ removedAt: 1, removal: 'removed' })
      .where(eq(deliveredFiles.id, gone.fileId))
      .run();
    const old = processing('processed', { inspect: 'failed' });
    db.update(stageRuns).set({ round: 0 }).where(eq(stageRuns.fileId, old.fileId)).run();
    for (const { fileId } of [gone, old])
      expect(await refusalOf(() => run.retryStage(lead(), fileId, 'inspect'))).toMatchObject({
        code: 'stage_forbids',
      });
    expect(viewFile(lead(), gone.fileId).possible.retryStage).toMatchObject({ code: 'stage_forbids' });
  });
});

test('skips a stage that no longer exists when it queues several', () => {
  const { db, ctx } = scene.hub;
  const { fileId } = processing('processing', { inspect: 'waiting' });
  const { id } = db.select().from(stageRuns).where(eq(stageRuns.fileId, fileId)).get()!;
  const gone = ctx.newId('stageRun');
  db.transaction((tx) => enqueueStages(tx, ctx, [gone, id]));
  const keys = db
    .select()
    .from(jobs)
    .all()
    .map(({ dedupeKey }) => dedupeKey);
  expect(keys).toContain(`stage:${id}`);
  expect(keys).not.toContain(`stage:${gone}`);
});
