/** Queues comparisons of a request with its checksum lists. */
import { and, eq, gt, isNull, sql } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { manifestComparisons } from '@turnover/db/schema/manifests';
import { requests } from '@turnover/db/schema/requests';
import type { DeliveryRequest } from '../access.ts';
import type { Context } from '../context.ts';
import { comparisonOf } from './state.ts';
import { enqueue, type Job } from '../jobs.ts';

export type ComparisonJob = Extract<Job, { kind: 'compareManifests' }>;

/** Queues a comparison of the request's lists. Call it after any change to its files or their checksums. */
export function considerComparison(
  tx: Transaction,
  ctx: Pick<Context, 'clock' | 'newId'>,
  { id: requestId, manifestCount }: Pick<DeliveryRequest, 'id' | 'manifestCount'>,
): void {
  const known = comparisonOf(tx, requestId);
  if (manifestCount === 0 && !known) return;
  tx.insert(manifestComparisons)
    .values({ requestId, wanted: 1, done: 0, lists: 0, algorithms: [], nextAt: 0 })
    .onConflictDoUpdate({
      target: manifestComparisons.requestId,
      set: { wanted: sql`${manifestComparisons.wanted} + 1` },
    })
    .run();
  const runAt = Math.max(ctx.clock(), known?.nextAt ?? 0);
  enqueue(tx, ctx, 'compareManifests', { requestId }, { runAt, dedupeKey: `compare:${requestId}` });
}

/**
 * Queues comparisons for requests whose lists were delivered before comparisons existed. Returns their number; call it until
 * it returns 0.
 */
export function compareOldLists(ctx: Context, limit = 200): number {
  return inTransaction(ctx.db, (tx) => {
    const old = tx
      .select({ id: requests.id, manifestCount: requests.manifestCount })
      .from(requests)
      .leftJoin(manifestComparisons, eq(manifestComparisons.requestId, requests.id))
      .where(and(gt(requests.manifestCount, 0), isNull(manifestComparisons.requestId)))
      .limit(limit)
      .all();
    for (const request of old) considerComparison(tx, ctx, request);
    return old.length;
  });
}
