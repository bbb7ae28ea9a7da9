/**
 * Removes many files from a request: one short transaction marks the request, then the worker removes the files in batches, so
 * that nobody waits for 75,000 rows. Until the last batch, nothing can be added, renamed or submitted.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { and, asc, count, eq, lte } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { assets } from '@turnover/db/schema/assets';
import { deliveredFiles, requests, type PendingRemoval } from '@turnover/db/schema/requests';
import type { FileSelection } from '@turnover/domain/requests/files';
import type { DeliveryRequest } from '../../access.ts';
import type { Context } from '../../context.ts';
import {
  changeCounters,
  namesPerEvent,
  recordRemoval,
  selectedFiles,
  takeOutFiles,
  type Removal,
} from './remove.ts';
import { inList } from '../../in-list.ts';
import { complete, enqueue, underLease, type Job } from '../../jobs.ts';

export type RemovalJob = Extract<Job, { kind: 'removeFiles' }>;

/** Up to this many files are removed in the transaction of the caller, which takes about 10 ms. */
const maxAtOnce = 1000;
const batch = 400;

/** Removes the selected files: at once, or through the worker when there are many. Returns their number. */
export function removeSelected(
  tx: Transaction,
  ctx: Pick<Context, 'clock' | 'newId'>,
  request: DeliveryRequest,
  selection: FileSelection,
  { removal, actorId }: { removal: Exclude<Removal, 'replaced'>; actorId: string },
): number {
  const files = request.fileCount <= maxAtOnce ? null : countSelected(tx, request.id, selection);
  if (files === null || files <= maxAtOnce) {
    return takeOutFiles(tx, ctx, request, selection, { removal, actorId });
  }
  const pending = { ...selection, removal, actorId, at: ctx.clock(), done: {} };
  tx.update(requests)
    .set({ removal: pending, updatedAt: ctx.clock() })
    .where(eq(requests.id, request.id))
    .run();
  enqueue(tx, ctx, 'removeFiles', { requestId: request.id }, { dedupeKey: `remove:${request.id}` });
  return files;
}

/** Runs the removal job. It continues where an earlier attempt stopped. */
export async function runRemoval(ctx: Context, job: RemovalJob): Promise<void> {
  while (underLease(ctx.db, job, (tx) => takeOutSome(tx, ctx, job))) await nextTurn();
}

/** Removes one batch. Returns false when no files are left and the job is complete. */
function takeOutSome(tx: Transaction, ctx: Context, job: RemovalJob): boolean {
  const { requestId } = job.payload;
  const request = tx.select().from(requests).where(eq(requests.id, requestId)).get();
  const pending = request?.removal;
  if (!request || !pending) {
    complete(tx, ctx, job);
    return false;
  }
  const rows = tx
    .select({ file: deliveredFiles, sizeBytes: assets.sizeBytes })
    .from(deliveredFiles)
    .innerJoin(assets, eq(assets.id, deliveredFiles.assetId))
    // Leaves out files that were added after the removal began.
    .where(and(selectedFiles(requestId, pending), lte(deliveredFiles.addedAt, pending.at)))
    .orderBy(asc(deliveredFiles.pathKey))
    .limit(batch)
    .all();
  if (rows.length === 0) {
    endRemoval(tx, ctx, request, pending);
    complete(tx, ctx, job);
    return false;
  }
  const files = rows.map(({ file }) => file);
  const { removal, actorId, at } = pending;
  tx.update(deliveredFiles)
    .set({ removal, removedBy: actorId, removedAt: at, removedRound: request.round })
    .where(
      inList(
        deliveredFiles.id,
        files.map(({ id }) => id),
      ),
    )
    .run();
  const done = { ...pending.done };
  for (const { deliveredBy, path } of files) {
    const { count, names } = done[deliveredBy] ?? { count: 0, names: [] };
    done[deliveredBy] = { count: count + 1, names: names.length < namesPerEvent ? [...names, path] : names };
  }
  tx.update(requests)
    .set({ removal: { ...pending, done } })
    .where(eq(requests.id, requestId))
    .run();
  changeCounters(tx, ctx, requestId, {
    files: -files.length,
    bytes: -rows.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    manifests: -files.filter(({ isManifest }) => isManifest).length,
  });
  return true;
}

/** Records one event for each deliverer, as `takeOutFiles` does. */
function endRemoval(
  tx: Transaction,
  ctx: Context,
  request: DeliveryRequest,
  { removal, actorId, done }: PendingRemoval,
): void {
  tx.update(requests).set({ removal: null, updatedAt: ctx.clock() }).where(eq(requests.id, request.id)).run();
  for (const [deliveredBy, removed] of Object.entries(done)) {
    recordRemoval(tx, ctx, request, { removal, actorId, deliveredBy, ...removed });
  }
}

function countSelected(tx: Transaction, requestId: string, selection: FileSelection): number {
  return tx.select({ files: count() }).from(deliveredFiles).where(selectedFiles(requestId, selection)).get()!
    .files;
}
