import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eq } from 'drizzle-orm';
import { jobs, stageRuns } from '@turnover/db/schema/jobs';
import { deliveredFiles, rounds } from '@turnover/db/schema/requests';
import { inTransaction } from '@turnover/db/transaction';
import {
  askForPreviews,
  giveUpPreviews,
  waitingPreviews,
  type PreviewJob,
} from '../../assets/preview-runs.ts';
import { claim, enqueue, fail, type GiveUp } from '../../jobs.ts';
import { describeCapabilities } from '../../server/capabilities.ts';
import { refusalOf, requestScene, type RequestScene } from '../../testing/requests.ts';
import { currentRequest } from '../transitions.ts';
import { dismissDeadJob, retryDeadJob } from './dead-jobs.ts';

let scene: RequestScene;
beforeEach(async () => {
  scene = await requestScene();
});
afterEach(() => scene.close());

const describeNow = () => describeCapabilities(scene.hub.ctx);

describe('a job that was given up', () => {
  /** A stage whose job was given up, in a processed request. */
  function deadStage() {
    const { ctx, db } = scene.hub;
    const request = scene.createRequest();
    const fileId = scene.deliver(request, 'secret name.wav');
    scene.submitRound(request);
    scene.put(request, 'processed');
    db.update(rounds).set({ filesToProcess: 1, filesProcessed: 1, filesFailed: 1 }).run();
    scene.startStage(request, fileId);
    db.update(stageRuns).set({ status: 'failed', failure: 'crashed' }).run();
    const { id: stageRunId } = db.select().from(stageRuns).get()!;
    inTransaction(db, (tx) =>
      enqueue(tx, ctx, 'runStage', { stageRunId }, { dedupeKey: `stage:${stageRunId}` }),
    );
    giveUp();
    return { request, stageRunId };
  }

  function giveUp(onDead: GiveUp = () => {}) {
    const { ctx, clock } = scene.hub;
    for (;;) {
      const job = claim(ctx)!;
      if (fail(ctx, job, 'broken', 0, { giveUp: onDead, retryLater: () => {} }) === 'dead') return;
      clock.advance(3600_000);
    }
  }

  const owner = () => scene.hub.as(scene.hub.createPerson({ isOwner: true }));
  const deadId = () => describeNow().dead.jobs[0]!.id;

  test('is listed with its stage, project and error, but without the file name', () => {
    deadStage();
    const { dead } = describeNow();
    expect(dead).toMatchObject({
      total: 1,
      jobs: [
        { kind: 'runStage', stage: 'checksum', project: expect.any(String), attempts: 5, error: 'broken' },
      ],
    });
    expect(JSON.stringify(dead)).not.toContain('secret');
  });

  test('can be retried: the stage waits, and its request returns to processing', () => {
    const { request, stageRunId } = deadStage();
    retryDeadJob(owner(), deadId());
    expect(describeNow().dead.total).toBe(0);
    const { db } = scene.hub;
    expect(db.select().from(stageRuns).where(eq(stageRuns.id, stageRunId)).get()!.status).toBe('waiting');
    expect(currentRequest(db, request.id).status).toBe('processing');
    expect(claim(scene.hub.ctx)).toMatchObject({ kind: 'runStage', payload: { stageRunId }, claims: 1 });
  });

  /** Two frames that failed in a shared job. A third frame of that job had ended. */
  function deadFrames() {
    const { ctx, db } = scene.hub;
    const request = scene.createRequest();
    const fileIds = [1, 2, 3].map((number) => scene.deliver(request, `shot.${number}.dpx`));
    scene.submitRound(request);
    scene.put(request, 'processed');
    db.update(rounds).set({ filesToProcess: 3, filesProcessed: 3, filesFailed: 2 }).run();
    const [ended, ...failed] = fileIds;
    for (const fileId of fileIds) scene.startStage(request, fileId);
    db.update(stageRuns).set({ status: 'failed', failure: 'crashed' }).run();
    db.update(stageRuns).set({ status: 'done', failure: null }).where(eq(stageRuns.fileId, ended!)).run();
    inTransaction(db, (tx) => enqueue(tx, ctx, 'runFrames', { fileIds }));
    giveUp();
    return { request, failed };
  }

  test('for frames, is retried as a separate job for each failed frame', async () => {
    const { request, failed } = deadFrames();
    retryDeadJob(owner(), deadId());
    const { db } = scene.hub;
    const waiting = db.select().from(stageRuns).where(eq(stageRuns.status, 'waiting')).all();
    expect(waiting.map(({ fileId }) => fileId).sort()).toEqual([...failed].sort());
    expect(db.select().from(rounds).get()).toMatchObject({ filesProcessed: 1, filesFailed: 0 });
    expect(currentRequest(db, request.id).status).toBe('processing');
    const queued = db.select().from(jobs).all();
    expect(queued.map(({ kind, status }) => [kind, status])).toEqual(Array(2).fill(['runStage', 'waiting']));
  });

  test('stays while one of its frames failed and cannot be retried yet', () => {
    const { failed } = deadFrames();
    const { db } = scene.hub;
    const [early] = failed;
    db.update(stageRuns).set({ informs: true }).where(eq(stageRuns.fileId, early!)).run();
    const run = db.select().from(stageRuns).where(eq(stageRuns.fileId, early!)).get()!;
    const later = { id: 'run_later', stage: 'inspect', position: 1, informs: false } as const;
    db.insert(stageRuns)
      .values({ ...run, ...later, status: 'waiting', failure: null })
      .run();
    db.update(rounds).set({ filesProcessed: 2, filesFailed: 1 }).run();
    retryDeadJob(owner(), deadId());
    const waiting = db.select().from(stageRuns).where(eq(stageRuns.status, 'waiting')).all();
    expect(waiting.map(({ fileId }) => fileId).sort()).toEqual([...failed].sort());
    expect(describeNow().dead.total).toBe(1);
    db.update(stageRuns).set({ status: 'done' }).where(eq(stageRuns.id, 'run_later')).run();
    db.update(rounds).set({ filesProcessed: 2, filesFailed: 0 }).run();
    retryDeadJob(owner(), deadId());
    expect(describeNow().dead.total).toBe(0);
    expect(db.select().from(stageRuns).where(eq(stageRuns.id, run.id)).get()!.status).toBe('waiting');
  });

  test('is refused and stays when its frames have moved on', async () => {
    deadFrames();
    scene.hub.db.update(stageRuns).set({ status: 'done' }).run();
    expect(await refusalOf(() => retryDeadJob(owner(), deadId()))).toMatchObject({ code: 'stage_forbids' });
    expect(describeNow().dead.total).toBe(1);
  });

  test('cannot be retried in an accepted request, but can be dismissed', async () => {
    const { request } = deadStage();
    scene.put(request, 'accepted');
    const id = deadId();
    expect(await refusalOf(() => retryDeadJob(owner(), id))).toMatchObject({ code: 'status_forbids' });
    dismissDeadJob(owner(), id);
    expect(describeNow().dead.total).toBe(0);
    expect(await refusalOf(() => dismissDeadJob(owner(), id))).toMatchObject({ code: 'not_found' });
  });

  test('of another kind is queued unchanged, unless a job with its key is in the queue', () => {
    const { ctx, db } = scene.hub;
    const request = scene.createRequest();
    const add = () =>
      inTransaction(db, (tx) =>
        enqueue(tx, ctx, 'processRound', { requestId: request.id, round: 1 }, { dedupeKey: 'round' }),
      );
    add();
    giveUp();
    retryDeadJob(owner(), deadId());
    expect(db.select().from(jobs).all()).toMatchObject([{ status: 'waiting', claims: 0, lastError: null }]);
    giveUp();
    add();
    retryDeadJob(owner(), deadId());
    expect(db.select().from(jobs).all()).toMatchObject([{ status: 'waiting' }]);
  });

  test.each(['still.png', 'film.mov'])('for previews, makes only those that failed: %s', (name) => {
    const { ctx, db } = scene.hub;
    scene.deliver(scene.createRequest(), name);
    const { assetId } = db.select().from(deliveredFiles).get()!;
    const asking = { askedBy: scene.people.coordinator.id };
    inTransaction(db, (tx) => askForPreviews(tx, ctx, [{ assetId, name }], asking));
    giveUp((tx, job, reason) => giveUpPreviews(tx, ctx, job as PreviewJob, reason));
    retryDeadJob(owner(), deadId());
    expect(waitingPreviews(db, claim(ctx) as PreviewJob)).toMatchObject([{ assetId }]);
  });

  test('is accessible only to owners of the hub', async () => {
    deadStage();
    const lead = scene.hub.as(scene.people.coordinator);
    for (const act of [retryDeadJob, dismissDeadJob])
      expect(await refusalOf(() => act(lead, deadId()))).toMatchObject({ code: 'forbidden' });
    expect(describeNow().dead.total).toBe(1);
  });
});
