/** Requests that submit themselves: as soon as all they expect is there, whole and verified, and each finding is answered. */
import { and, desc, eq, isNull, sql } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { reasonFindings } from '@turnover/db/schema/reasons';
import { deliveredFiles, requests } from '@turnover/db/schema/requests';
import { refuseAction } from '@turnover/domain/requests/actions';
import type { DeliveryRequest } from '../access.ts';
import type { Context } from '../context.ts';
import { complete, reschedule, underLease, type Job } from '../jobs.ts';
import { submitRound } from './actions.ts';
import { factsOf } from './transitions.ts';
import { rulesOf } from './types.ts';
import { reviewDelivery, revisionOf } from './rule-checks.ts';

export type SubmitJob = Extract<Job, { kind: 'submitWhenComplete' }>;

/** In the name of whoever delivered last. What changed while it was judged is judged again. */
export async function submitIfComplete(ctx: Context, job: SubmitJob): Promise<void> {
  const { requestId } = job.payload;
  const request = ctx.db.select().from(requests).where(eq(requests.id, requestId)).get();
  const rules = request ? rulesOf(ctx.db, request) : null;
  // With nothing expected nobody can tell whether more is to come.
  const isTold = request?.automaticSubmit && rules !== null && rules.expected.kind !== 'any';
  const judged = isTold ? await reviewDelivery(ctx, request) : null;
  underLease(ctx.db, job, (tx) => {
    const now = tx.select().from(requests).where(eq(requests.id, requestId)).get();
    const isCurrent = judged !== null && judged.revision === revisionOf(tx, requestId);
    if (judged !== null && !isCurrent) {
      reschedule(tx, job, ctx.clock());
      return;
    }
    const { counts } = judged?.report ?? { counts: null };
    const isGood = counts !== null && counts.blocking + counts.overridable === 0;
    const deliverer = isGood && now ? lastDeliverer(tx, requestId, now.round) : null;
    const isAwaited = now === undefined || !now.automaticSubmit || awaitsAnswer(tx, now);
    if (now && deliverer && !isAwaited && refuseAction('submit', factsOf(tx, now)) === null) {
      submitRound(tx, ctx, now, { by: deliverer, automatic: true });
    }
    complete(tx, ctx, job);
  });
}

/** Something was found in the round before, and nobody has said what became of it. */
function awaitsAnswer(tx: Transaction, { id, round }: Pick<DeliveryRequest, 'id' | 'round'>): boolean {
  const open = tx
    .select({ id: reasonFindings.id })
    .from(reasonFindings)
    .where(
      and(
        eq(reasonFindings.requestId, id),
        eq(reasonFindings.round, round - 1),
        isNull(reasonFindings.answer),
      ),
    )
    .limit(1)
    .get();
  return open !== undefined;
}

/** Null: nothing was delivered in this round, and what is left of the one before was found wanting. */
function lastDeliverer(tx: Transaction, requestId: string, round: number): string | null {
  const row = tx
    .select({ by: deliveredFiles.deliveredBy })
    .from(deliveredFiles)
    .where(
      and(
        ...[eq(deliveredFiles.requestId, requestId), isNull(deliveredFiles.removedAt)],
        eq(deliveredFiles.addedRound, round),
      ),
    )
    // Ids of one millisecond have no order.
    .orderBy(desc(deliveredFiles.addedAt), sql`${deliveredFiles}.rowid desc`)
    .limit(1)
    .get();
  return row?.by ?? null;
}
