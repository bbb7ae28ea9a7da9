/** What owners do with jobs that were given up: queue them again, or remove them from the list. */
import { and, eq } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { jobs, stageRuns } from '@turnover/db/schema/jobs';
import { deliveredFiles, requests } from '@turnover/db/schema/requests';
import { inTransaction } from '@turnover/db/transaction';
import { HubError, notFound } from '@turnover/domain/errors';
import { refuseAction } from '@turnover/domain/requests/actions';
import { requireOwner } from '../../access.ts';
import type { PersonContext } from '../../context.ts';
import { revive } from '../../jobs.ts';
import { contentFacts, refused } from '../transitions.ts';
import { queueAgain } from './control.ts';

type DeadJob = typeof jobs.$inferSelect;

/** A stage is tried again as by a coordinator; its request must still be in processing or processed. */
export function retryDeadJob(ctx: PersonContext, jobId: string): void {
  inTransaction(ctx.db, (tx) => {
    const job = loadDead(tx, ctx, jobId);
    if (job.kind === 'runStage' || job.kind === 'runLongStage') retryRun(tx, ctx, job);
    else revive(tx, ctx, job);
  });
}

export function dismissDeadJob(ctx: PersonContext, jobId: string): void {
  inTransaction(ctx.db, (tx) => {
    const { id } = loadDead(tx, ctx, jobId);
    tx.delete(jobs).where(eq(jobs.id, id)).run();
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

function retryRun(tx: Transaction, ctx: PersonContext, { payload }: DeadJob): void {
  const { stageRunId } = payload as { stageRunId: string };
  const found = tx
    .select({ run: stageRuns, file: deliveredFiles, request: requests })
    .from(stageRuns)
    .innerJoin(deliveredFiles, eq(deliveredFiles.id, stageRuns.fileId))
    .innerJoin(requests, eq(requests.id, stageRuns.requestId))
    .where(eq(stageRuns.id, stageRunId))
    .get();
  const refusal = found && refuseAction('retryStage', contentFacts(found.request));
  if (refusal) throw refused(tx, found.request, refusal, ctx.person.id);
  const isOfRound = found && found.file.removedAt === null && found.run.round === found.request.round;
  if (!isOfRound || found.run.status !== 'failed')
    throw new HubError('stage_forbids', 'The stage has moved on.', { action: 'retryStage' });
  const { run, file, request } = found;
  const { projectId, typeId, typeVersion } = request;
  queueAgain(tx, ctx, { work: { run, file, projectId, typeId, typeVersion }, request });
}
