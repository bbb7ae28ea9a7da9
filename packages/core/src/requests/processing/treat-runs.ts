/** Resets or skips stages of a request, one or many at once, and updates the counters of the round. Callers check permissions. */
import { and, eq } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { stageRuns } from '@turnover/db/schema/jobs';
import { holds, isLive } from '@turnover/domain/media/stage-control';
import type { DeliveryRequest } from '../../access.ts';
import type { Context, PersonContext } from '../../context.ts';
import { inList } from '../../in-list.ts';
import { withdrawAll } from '../../jobs.ts';
import { replaceRuns } from './replaced-runs.ts';
import { isFannedOut, enqueueStages, forgiveFiles, joinFiles, stageKey, uncountFiles } from './rounds.ts';
import { continueFiles } from './stages.ts';

export type StageRun = typeof stageRuns.$inferSelect;

const fresh = {
  status: 'waiting',
  progress: 0,
  lane: null,
  slot: null,
  startAt: null,
  endAt: null,
  failure: null,
  informs: false,
  leftOut: null,
  facts: {},
} as const;

/**
 * Returns a function that tells whether the round has a run: its own ones, and those that it kept from earlier rounds because
 * they ended without stopping their file. Which ones it keeps is known when all its stages exist.
 */
export function belongsToRound(db: Reader, request: DeliveryRequest): (run: StageRun) => boolean {
  const isWhole = isFannedOut(db, request);
  return (run) => run.round === request.round || (isWhole && !isLive(run.status) && !holds(run));
}

/** Queues ended stages again: failed ones with the later stages that their failure removed, and skipped ones. */
export function retryRuns(
  tx: Transaction,
  ctx: PersonContext,
  request: DeliveryRequest,
  treated: readonly StageRun[],
): void {
  const runs = inThisRound(tx, ctx, request, treated);
  const files = new Set(runs.map(({ fileId }) => fileId)).size;
  const failed = runs.filter(holds);
  withdrawAll(tx, runs.map(keyOf));
  uncountFiles(tx, ctx, request, { files, failed: failed.length }, { actorId: ctx.person.id });
  tx.update(stageRuns)
    .set(fresh)
    .where(inList(stageRuns.id, runs.map(idOf)))
    .run();
  bringBack(tx, ctx, failed);
  enqueueStages(tx, ctx, [...firstOfFiles(runs).values()]);
}

/** `isFirst`: the file has no earlier stage that waits or runs. */
type RunToSkip = { run: StageRun; isFirst: boolean };

/** Skips one stage of each file. `reason` is stored with the stage. */
export function skipRuns(
  tx: Transaction,
  ctx: PersonContext,
  request: DeliveryRequest,
  skipped: readonly RunToSkip[],
  reason: string,
): void {
  const runs = inThisRound(
    tx,
    ctx,
    request,
    skipped.map(({ run }) => run),
  );
  const facts = { reason: 'by_person', note: reason };
  withdrawAll(tx, runs.map(keyOf));
  tx.update(stageRuns)
    .set({ ...fresh, status: 'skipped', facts, endAt: ctx.clock() })
    .where(inList(stageRuns.id, runs.map(idOf)))
    .run();
  const failed = runs.filter(holds);
  const next = bringBack(tx, ctx, failed);
  forgiveFiles(tx, request, failed.length - next.size);
  uncountFiles(tx, ctx, request, { files: next.size, failed: next.size }, { actorId: ctx.person.id });
  enqueueStages(tx, ctx, [...next.values()]);
  const reached = runs.filter(({ status }, at) => status !== 'failed' && skipped[at]!.isFirst);
  continueFiles(tx, ctx, reached);
}

/**
 * Replaces runs that this round kept from an earlier one by copies of its own, because the papers of the earlier round state
 * them. Returns the runs of this round, in the same order.
 */
function inThisRound(
  tx: Transaction,
  ctx: Context,
  request: DeliveryRequest,
  runs: readonly StageRun[],
): StageRun[] {
  const { round } = request;
  const kept = runs.filter((run) => run.round !== round);
  if (kept.length === 0) return [...runs];
  const fileIds = [...new Set(kept.map(({ fileId }) => fileId))];
  const here = tx
    .selectDistinct({ fileId: stageRuns.fileId })
    .from(stageRuns)
    .where(and(inList(stageRuns.fileId, fileIds), eq(stageRuns.round, round)))
    .all();
  joinFiles(tx, request, fileIds.length - here.length);
  replaceRuns(tx, round, kept.map(idOf));
  const own = runs.map((run) =>
    run.round === round ? run : { ...run, id: ctx.newId('stageRun'), round, createdAt: ctx.clock() },
  );
  const copies = own.filter((_run, at) => runs[at]!.round !== round);
  tx.insert(stageRuns).values(copies).run();
  return own;
}

/** Creates the removed later stages of failed files again. Returns the id of the first one of each file, keyed by file id. */
function bringBack(tx: Transaction, ctx: Context, failed: readonly StageRun[]): Map<string, string> {
  const added = failed.flatMap(({ leftOut, requestId, fileId, round }) =>
    (leftOut ?? []).map((step) => ({
      ...fresh,
      ...step,
      ...{ requestId, fileId, round },
      id: ctx.newId('stageRun'),
      createdAt: ctx.clock(),
    })),
  );
  if (added.length > 0) tx.insert(stageRuns).values(added).run();
  return firstOfFiles(added);
}

/** The first run of each file, keyed by file id. */
function firstOfFiles(runs: readonly Pick<StageRun, 'id' | 'fileId' | 'position'>[]): Map<string, string> {
  const later = runs.toSorted((one, other) => other.position - one.position);
  return new Map(later.map(({ fileId, id }) => [fileId, id]));
}

function idOf({ id }: StageRun): string {
  return id;
}

function keyOf({ id }: StageRun): string {
  return stageKey(id);
}
