/**
 * Runs stages of small files together when the queue is long. One claim takes some of them, one task of a thread runs them,
 * and one transaction records their results. A claim, a task and a commit for each would take longer than the stages. A stage
 * whose attempt fails continues alone.
 */
import { sql } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { stageRuns } from '@turnover/db/schema/jobs';
import { inTransaction } from '@turnover/db/transaction';
import { runsTogether } from '@turnover/domain/media/stages';
import type { JobKind } from '@turnover/domain/server/jobs';
import type { Context } from '../../context.ts';
import { inList } from '../../in-list.ts';
import { claimAlong, completeAll, heldAmong, putBack } from '../../job-bunches.ts';
import { claimIn, isDue, type Job } from '../../jobs.ts';
import { endPassed, isPassed, signalFrames, type FrameEnd } from './frames.ts';
import { continueFiles, endFailed, loadStages, worksOf, type StageJob, type StageWork } from './stages.ts';

/** Largest file whose stages run together. They take milliseconds, so other files do not wait long for the thread. */
const maxBytes = 4 * 1024 ** 2;
const mostTogether = 16;
/** In a shorter queue, files run alone, because each result is then available sooner. */
const leastWaiting = 8;

/** Claims the next due job. When its stage is short and many others of the kind wait, also claims one slot's share of them. */
export function claimSome(ctx: Context, kinds: readonly JobKind[], freeSlots: number): Job[] {
  return inTransaction(ctx.db, (tx) => {
    const first = claimIn(tx, ctx, kinds);
    if (!first) return [];
    if (first.kind !== 'runStage' || first.claims > 1) return [first];
    const stage = shortStageOf(tx, first);
    if (stage === null) return [first];
    const waiting = othersInQueue(tx, ctx, stage, freeSlots * mostTogether);
    if (waiting.length < leastWaiting) return [first];
    const share = Math.min(mostTogether - 1, Math.ceil(waiting.length / freeSlots));
    return claimAlong(tx, ctx, first, waiting.slice(0, share));
  });
}

/** The condition for stages that can run together: small files, and no simulation, which would need a plan. */
const isShort = sql`run.status = 'waiting' and run.end_at is null and asset.size_bytes <= ${maxBytes}
  and (run.mode = 'real' or asset.size_bytes = 0)`;
const ofRun = sql`join delivered_files as file on file.id = run.file_id join assets as asset on asset.id = file.asset_id`;

function shortStageOf(tx: Transaction, { payload }: StageJob): string | null {
  const row = tx.get<{ stage: string } | undefined>(sql`
    select run.stage from stage_runs as run ${ofRun} where run.id = ${payload.stageRunId} and ${isShort}`);
  return row && runsTogether(row.stage) ? row.stage : null;
}

/** The ids of jobs of the same stage, among the next jobs of the queue. */
function othersInQueue(tx: Transaction, ctx: Context, stage: string, limit: number): string[] {
  return tx
    .all<{ id: string }>(
      sql`
      select job.id from (
        select jobs.id, payload, turn_at from jobs where ${isDue('runStage', ctx.clock())} and claims = 0
        order by turn_at limit ${limit}
      ) as job
      join stage_runs as run on run.id = job.payload ->> 'stageRunId' ${ofRun}
      where run.stage = ${stage} and ${isShort} order by job.turn_at`,
    )
    .map(({ id }) => id);
}

/** Begins the stages of several jobs: the same stage of different files. */
export function beginTogether(ctx: Context, bunch: readonly StageJob[]): StageWork[] {
  return inTransaction(ctx.db, (tx) => {
    const ids = heldAmong(tx, bunch).map(({ payload }) => payload.stageRunId);
    const works = worksOf(tx, loadStages(tx, ids)).filter(({ run }) => run.status === 'waiting');
    if (works[0]?.run.mode === 'real') {
      tx.update(stageRuns)
        .set({ status: 'running', startAt: ctx.clock(), progress: 0 })
        .where(inList(stageRuns.id, ids))
        .run();
      signalFrames(tx, ctx, works);
    }
    return works;
  });
}

/** Records the results and queues the next stages. Leaves out jobs whose lease the worker no longer holds. */
export function recordTogether(ctx: Context, bunch: readonly StageJob[], ends: readonly FrameEnd[]): void {
  inTransaction(ctx.db, (tx) => {
    const held = heldAmong(tx, bunch);
    const runIds = new Set(held.map(({ payload }) => payload.stageRunId));
    const ours = ends.filter(({ work }) => runIds.has(work.run.id));
    const broke = new Set(ours.filter(({ kind }) => kind === 'broke').map(({ work }) => work.run.id));
    const isBroken = ({ payload }: StageJob) => broke.has(payload.stageRunId);
    putBack(tx, ctx, held.filter(isBroken));
    completeAll(
      tx,
      ctx,
      held.filter((job) => !isBroken(job)),
    );
    for (const end of ours) if (end.kind === 'failed') endFailed(tx, ctx, end.work, end);
    const ended = endPassed(tx, ours.filter(isPassed));
    signalFrames(tx, ctx, ended);
    const rounds = Map.groupBy(ended, ({ run }) => `${run.requestId} ${run.round}`);
    for (const ofRound of rounds.values())
      continueFiles(
        tx,
        ctx,
        ofRound.map(({ run }) => run),
      );
  });
}
