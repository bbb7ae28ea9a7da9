/** Resets or skips stages of a request, one or many at once, and updates the counters of the round. Callers check permissions. */
import type { Transaction } from '@turnover/db/open';
import { stageRuns } from '@turnover/db/schema/jobs';
import { holds } from '@turnover/domain/media/stage-control';
import type { DeliveryRequest } from '../../access.ts';
import type { Context, PersonContext } from '../../context.ts';
import { inList } from '../../in-list.ts';
import { withdrawAll } from '../../jobs.ts';
import { enqueueStages, forgiveFiles, stageKey, uncountFiles } from './rounds.ts';
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

/** Queues ended stages again: failed ones with the later stages that their failure removed, and skipped ones. */
export function retryRuns(
  tx: Transaction,
  ctx: PersonContext,
  request: DeliveryRequest,
  runs: readonly StageRun[],
): void {
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
  const runs = skipped.map(({ run }) => run);
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
  const reached = skipped.filter(({ run, isFirst }) => run.status !== 'failed' && isFirst);
  continueFiles(
    tx,
    ctx,
    reached.map(({ run }) => run),
  );
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
