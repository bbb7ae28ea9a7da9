/** Lets owners of the hub handle jobs that were given up: queue them again, or remove them from the list. */
import { and, eq, type SQL } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { jobs, stageRuns } from '@turnover/db/schema/jobs';
import { deliveredFiles, requests } from '@turnover/db/schema/requests';
import { inTransaction } from '@turnover/db/transaction';
import { HubError, notFound } from '@turnover/domain/errors';
import { actionsOfStage } from '@turnover/domain/media/stage-control';
import { refuseAction } from '@turnover/domain/requests/actions';
import { jobs as definitions } from '@turnover/domain/server/jobs';
import { requireOwner } from '../../access.ts';
import { reopenPreviews } from '../../assets/preview-runs.ts';
import type { PersonContext } from '../../context.ts';
import { inList } from '../../in-list.ts';
import { revive } from '../../jobs.ts';
import { contentFacts, refused } from '../transitions.ts';
import { appendStageEvent } from './stages.ts';
import { retryRuns, type StageRun } from './treat-runs.ts';
import { stateOf } from './view.ts';

type DeadJob = typeof jobs.$inferSelect;

/** Retries a job. For stages it does what a coordinator's retry does, so their request must be in processing or processed. */
export function retryDeadJob(ctx: PersonContext, jobId: string): void {
  inTransaction(ctx.db, (tx) => {
    const job = loadDead(tx, ctx, jobId);
    if (job.kind === 'runStage' || job.kind === 'runLongStage') retryStageOf(tx, ctx, job);
    else if (job.kind === 'runFrames') retryFramesOf(tx, ctx, job);
    else if (job.kind === 'makePreviews' || job.kind === 'makeLongPreviews') retryPreviewsOf(tx, ctx, job);
    else revive(tx, ctx, job);
  });
}

export function dismissDeadJob(ctx: PersonContext, jobId: string): void {
  inTransaction(ctx.db, (tx) => {
    remove(tx, loadDead(tx, ctx, jobId));
  });
}

function loadDead(tx: Transaction, ctx: PersonContext, jobId: string): DeadJob {
  requireOwner(ctx.person);
  const job = tx
    .select()
    .from(jobs)
    .where(and(eq(jobs.id, jobId), eq(jobs.status, 'dead')))
    .get();
  if (!job) throw notFound();
  return job;
}

function remove(tx: Transaction, { id }: DeadJob): void {
  tx.delete(jobs).where(eq(jobs.id, id)).run();
}

function retryStageOf(tx: Transaction, ctx: PersonContext, { payload }: DeadJob): void {
  const { stageRunId } = definitions.runStage.payload.parse(payload);
  retryFailed(tx, ctx, eq(stageRuns.id, stageRunId));
}

/** Queues each failed frame in a job of its own. The shared job stays for frames that cannot be retried yet. */
function retryFramesOf(tx: Transaction, ctx: PersonContext, job: DeadJob): void {
  const { fileIds } = definitions.runFrames.payload.parse(job.payload);
  const { later } = retryFailed(tx, ctx, inList(stageRuns.fileId, fileIds));
  if (later === 0) remove(tx, job);
}

/** Reopens the preview runs that ended with the job, because the job makes only waiting previews. */
function retryPreviewsOf(tx: Transaction, ctx: PersonContext, job: DeadJob): void {
  reopenPreviews(tx, definitions.makePreviews.payload.parse(job.payload).assetIds);
  revive(tx, ctx, job);
}

/** An informative failure can be retried only when the rest of its file has ended. */
function canBeRetried(tx: Transaction, { id, fileId }: StageRun): boolean {
  const runs = tx
    .select()
    .from(stageRuns)
    .where(eq(stageRuns.fileId, fileId))
    .orderBy(stageRuns.position)
    .all();
  const position = runs.findIndex((run) => run.id === id);
  return actionsOfStage(runs.map(stateOf), position).includes('retryStage');
}

/** Retries the failed stages among `which`, which must belong to one request. `later`: how many could not be retried yet. */
function retryFailed(tx: Transaction, ctx: PersonContext, which: SQL): { later: number } {
  const found = tx
    .select({ run: stageRuns, file: deliveredFiles, request: requests })
    .from(stageRuns)
    .innerJoin(deliveredFiles, eq(deliveredFiles.id, stageRuns.fileId))
    .innerJoin(requests, eq(requests.id, stageRuns.requestId))
    .where(which)
    .orderBy(deliveredFiles.pathKey)
    .all();
  const [first] = found;
  const refusal = first && refuseAction('retryStage', contentFacts(first.request));
  if (refusal) throw refused(tx, first.request, refusal, ctx.person.id);
  const failed = found.filter(
    ({ run, file, request }) =>
      run.status === 'failed' && file.removedAt === null && run.round === request.round,
  );
  const retried = failed.filter(({ run }) => canBeRetried(tx, run));
  if (!first || retried.length === 0)
    throw new HubError('stage_forbids', 'The stage is in another state by now.', { action: 'retryStage' });
  const { request } = first;
  const runs = retried.map(({ run }) => run);
  retryRuns(tx, ctx, request, runs);
  const { projectId, typeId, typeVersion } = request;
  for (const { run, file } of retried) {
    const work = { run, file, projectId, typeId, typeVersion };
    appendStageEvent(tx, ctx, 'file.stageRetried', work, 'waiting', { actorId: ctx.person.id });
  }
  return { later: failed.length - retried.length };
}
