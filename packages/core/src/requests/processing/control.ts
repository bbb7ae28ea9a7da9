/**
 * What coordinators do with a stage by hand: try it again, skip it, or stop it. The counters of the round follow, so that a file
 * never holds up its request and a request is not Processed while a file of it is.
 */
import { eq } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { stageRuns } from '@turnover/db/schema/jobs';
import { inTransaction } from '@turnover/db/transaction';
import { HubError, notFound } from '@turnover/domain/errors';
import { actionsOfStage, type StageAction } from '@turnover/domain/media/stage-control';
import { actions, refuseAction } from '@turnover/domain/requests/actions';
import type { DeliveredFileView } from '@turnover/domain/requests/files';
import { loadDeliveredFile, type DeliveredFile, type DeliveryRequest } from '../../access.ts';
import type { Context, PersonContext } from '../../context.ts';
import { withdraw } from '../../jobs.ts';
import { viewFile } from '../files/list.ts';
import { contentFacts, refused } from '../transitions.ts';
import { enqueueStages, forgiveFile, stageKey, uncountFile } from './rounds.ts';
import { appendStageEvent, continueFile, endFailed, type StageOfFile } from './stages.ts';

type StageRun = typeof stageRuns.$inferSelect;
type StageOf = { file: Pick<DeliveredFile, 'id'>; stage: string };
type Found = { work: StageOfFile; request: DeliveryRequest };

const fresh = {
  status: 'waiting',
  progress: 0,
  lane: null,
  slot: null,
  startAt: null,
  endAt: null,
  failure: null,
  leftOut: null,
  facts: {},
} as const;

/** Queues a failed stage again, with the later ones that its failure took away. */
export function retryStage(ctx: PersonContext, which: StageOf): DeliveredFileView {
  return change(ctx, 'retryStage', which, (tx, found) => queueAgain(tx, ctx, found));
}

/** Checks nothing. */
export function queueAgain(tx: Transaction, ctx: PersonContext, { work, request }: Found): void {
  const { run } = work;
  withdraw(tx, stageKey(run.id));
  uncountFile(tx, ctx, request, { actorId: ctx.person.id });
  tx.update(stageRuns).set(fresh).where(eq(stageRuns.id, run.id)).run();
  bringBack(tx, ctx, run);
  enqueueStages(tx, ctx, [run.id]);
  appendStageEvent(tx, ctx, 'file.stageRetried', work, 'waiting', { actorId: ctx.person.id });
}

/** Sets the stage aside, and goes on with the next one. `reason` stays with the stage and in the history. */
export function skipStage(ctx: PersonContext, which: StageOf, reason: string): DeliveredFileView {
  return change(ctx, 'skipStage', which, (tx, { work, request }, isFirst) => {
    const { run } = work;
    const facts = { reason: 'by_person', note: reason };
    withdraw(tx, stageKey(run.id));
    tx.update(stageRuns)
      .set({ ...fresh, status: 'skipped', facts, endAt: ctx.clock() })
      .where(eq(stageRuns.id, run.id))
      .run();
    appendStageEvent(tx, ctx, 'file.stageSkipped', work, 'skipped', { actorId: ctx.person.id, reason });
    if (run.status !== 'failed') {
      if (isFirst) continueFile(tx, ctx, run);
      return;
    }
    const [next] = bringBack(tx, ctx, run);
    if (next === undefined) return forgiveFile(tx, request);
    uncountFile(tx, ctx, request, { actorId: ctx.person.id });
    enqueueStages(tx, ctx, [next]);
  });
}

/** Stops the stage, which counts as a failure: the later ones do not run, and the file can be tried again. */
export function cancelStage(ctx: PersonContext, which: StageOf): DeliveredFileView {
  return change(ctx, 'cancelStage', which, (tx, { work }) => {
    withdraw(tx, stageKey(work.run.id));
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
    const isOfRound = file.removedAt === null && run.round === request.round;
    if (!isOfRound || !actionsOfStage(runs, position).includes(action)) {
      const { status } = run;
      throw new HubError('stage_forbids', `Not possible for ${stage}.`, { action, stage, status });
    }
    const isFirst = !runs
      .slice(0, position)
      .some(({ status }) => status === 'waiting' || status === 'running');
    const { projectId, typeId, typeVersion } = request;
    write(tx, { work: { run, file, projectId, typeId, typeVersion }, request }, isFirst);
  });
  return viewFile(ctx, id);
}

/** Creates the later stages anew, and returns their ids in order. */
function bringBack(tx: Transaction, ctx: Context, run: StageRun): string[] {
  const added = (run.leftOut ?? []).map((step) => ({
    ...fresh,
    ...step,
    id: ctx.newId('stageRun'),
    requestId: run.requestId,
    fileId: run.fileId,
    round: run.round,
    createdAt: ctx.clock(),
  }));
  if (added.length > 0) tx.insert(stageRuns).values(added).run();
  return added.map(({ id }) => id);
}
