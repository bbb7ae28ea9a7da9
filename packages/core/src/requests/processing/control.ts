/**
 * Lets coordinators control a stage: retry, skip or cancel it. The counters of the round follow, so that a round always ends,
 * and never while one of its files is still being processed.
 */
import { eq } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { stageRuns } from '@turnover/db/schema/jobs';
import { inTransaction } from '@turnover/db/transaction';
import { HubError, notFound } from '@turnover/domain/errors';
import { actionsOfStage, isLive, type StageAction } from '@turnover/domain/media/stage-control';
import { actions, refuseAction } from '@turnover/domain/requests/actions';
import type { DeliveredFileView } from '@turnover/domain/requests/files';
import { loadDeliveredFile, type DeliveredFile, type DeliveryRequest } from '../../access.ts';
import type { PersonContext } from '../../context.ts';
import { withdrawAll } from '../../jobs.ts';
import { viewFile } from '../files/list.ts';
import { contentFacts, refused } from '../transitions.ts';
import { stageKey } from './rounds.ts';
import { appendStageEvent, endFailed, type StageOfFile } from './stages.ts';
import { belongsToRound, retryRuns, skipRuns, type StageRun } from './treat-runs.ts';
import { stateOf } from './view.ts';

type StageOf = { file: Pick<DeliveredFile, 'id'>; stage: string };
type Found = { work: StageOfFile; request: DeliveryRequest };

/**
 * Queues a failed stage again together with the later stages that its failure removed, or a stage that was skipped for a
 * temporary reason.
 */
export function retryStage(ctx: PersonContext, which: StageOf): DeliveredFileView {
  return change(ctx, 'retryStage', which, (tx, { work, request }) => {
    retryRuns(tx, ctx, request, [work.run]);
    appendStageEvent(tx, ctx, 'file.stageRetried', work, 'waiting', { actorId: ctx.person.id });
  });
}

/** Skips the stage and continues with the next one. `reason` is stored with the stage and in the history. */
export function skipStage(ctx: PersonContext, which: StageOf, reason: string): DeliveredFileView {
  return change(ctx, 'skipStage', which, (tx, { work, request }, isFirst) => {
    appendStageEvent(tx, ctx, 'file.stageSkipped', work, 'skipped', { actorId: ctx.person.id, reason });
    skipRuns(tx, ctx, request, [{ run: work.run, isFirst }], reason);
  });
}

/** Stops the stage, which counts as a failure: later stages do not run, and the stage can be retried. */
export function cancelStage(ctx: PersonContext, which: StageOf): DeliveredFileView {
  return change(ctx, 'cancelStage', which, (tx, { work }) => {
    withdrawAll(tx, [stageKey(work.run.id)]);
    endFailed(tx, ctx, work, { failure: 'cancelled', cancelledBy: ctx.person.id });
  });
}

function change(
  ctx: PersonContext,
  action: StageAction,
  { file: { id }, stage }: StageOf,
  write: (tx: Transaction, found: Found, isFirst: boolean) => void,
): DeliveredFileView {
  inTransaction(ctx.db, (tx) => {
    const { file, request } = loadDeliveredFile(tx, ctx.person, id, actions[action].permission);
    const refusal = refuseAction(action, contentFacts(request));
    if (refusal) throw refused(tx, request, refusal, ctx.person.id);
    const runs = tx
      .select()
      .from(stageRuns)
      .where(eq(stageRuns.fileId, id))
      .orderBy(stageRuns.position)
      .all();
    const position = runs.findIndex((each) => each.stage === stage);
    const run = runs[position];
    if (!run) throw notFound();
    const isOfRound = file.removedAt === null && belongsToRound(tx, request)(run);
    if (!isOfRound || !actionsOfStage(runs.map(stateOf), position).includes(action)) {
      const { status } = run;
      throw new HubError('stage_forbids', `This action is not possible for the stage ${stage} now.`, {
        action,
        stage,
        status,
      });
    }
    const { projectId, typeId, typeVersion } = request;
    write(tx, { work: { run, file, projectId, typeId, typeVersion }, request }, isFirstOf(runs, run));
  });
  return viewFile(ctx, id);
}

/** Whether no earlier stage of the file waits or runs. `runs`: the runs of the file, in order. */
export function isFirstOf(runs: readonly StageRun[], run: StageRun): boolean {
  return !runs.slice(0, runs.indexOf(run)).some(({ status }) => isLive(status));
}
