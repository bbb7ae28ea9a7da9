/** Submits requests automatically, as soon as all expected files are complete and verified and each finding is answered. */
import { and, desc, eq, isNull, sql } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { reasonFindings } from '@turnover/db/schema/reasons';
import { deliveredFiles, requests } from '@turnover/db/schema/requests';
import { refuseAction } from '@turnover/domain/requests/actions';
import type { DeliveryRequest } from '../access.ts';
import type { Context } from '../context.ts';
import { complete, reschedule, underLease, type Job } from '../jobs.ts';
import { submitRound } from './actions.ts';
import { carriedInto } from './redelivery/open-findings.ts';
import { compareWithRoundBefore } from './redelivery/unchanged.ts';
import { revisionOf } from './revision.ts';
import { factsOf } from './transitions.ts';
import { rulesOf } from './types.ts';
import { reviewDelivery } from './rule-checks.ts';

export type SubmitJob = Extract<Job, { kind: 'submitWhenComplete' }>;

/** Submits the request on behalf of the last deliverer if it is complete. Runs again if it changed during the review. */
export async function submitIfComplete(ctx: Context, job: SubmitJob): Promise<void> {
  const { requestId } = job.payload;
  const request = ctx.db.select().from(requests).where(eq(requests.id, requestId)).get();
  const rules = request ? rulesOf(ctx.db, request) : null;
  // Without expected files, the hub cannot know when the delivery is complete.
  const canBeComplete = request?.automaticSubmit && rules !== null && rules.expected.kind !== 'any';
  const review = canBeComplete ? await reviewDelivery(ctx, request) : null;
  const isGood = review !== null && review.report.counts.blocking + review.report.counts.overridable === 0;
  // The comparison starts after the review, so it is current whenever the review is.
  const comparison = isGood && request ? await compareWithRoundBefore(ctx.db, request) : null;
  underLease(ctx.db, job, (tx) => {
    const now = tx.select().from(requests).where(eq(requests.id, requestId)).get();
    const isCurrent = review !== null && review.revision === revisionOf(tx, requestId);
    if (review !== null && !isCurrent) {
      reschedule(tx, job, ctx.clock());
      return;
    }
    const deliverer = isGood && now ? lastDeliverer(tx, requestId, now.round) : null;
    const mustWait =
      !now?.automaticSubmit || comparison === null || comparison.isUnchanged || awaitsAnswer(tx, now);
    if (now && deliverer && !mustWait && refuseAction('submit', factsOf(tx, now)) === null) {
      submitRound(tx, ctx, now, { by: deliverer, automatic: true });
    }
    complete(tx, ctx, job);
  });
}

/** Whether a finding that carries into this round has no answer. */
function awaitsAnswer(tx: Transaction, { id, round }: Pick<DeliveryRequest, 'id' | 'round'>): boolean {
  const open = tx
    .select({ id: reasonFindings.id })
    .from(reasonFindings)
    .where(and(eq(reasonFindings.requestId, id), carriedInto(round), isNull(reasonFindings.answer)))
    .limit(1)
    .get();
  return open !== undefined;
}

/** The person who delivered the last file of this round. Null when all files are from the rejected round. */
function lastDeliverer(tx: Transaction, requestId: string, round: number): string | null {
  const row = tx
    .select({ by: deliveredFiles.deliveredBy })
    .from(deliveredFiles)
    .where(
      and(
        eq(deliveredFiles.requestId, requestId),
        isNull(deliveredFiles.removedAt),
        eq(deliveredFiles.addedRound, round),
      ),
    )
    // Sorts by rowid too, because ids of the same millisecond are not in order.
    .orderBy(desc(deliveredFiles.addedAt), sql`${deliveredFiles}.rowid desc`)
    .limit(1)
    .get();
  return row?.by ?? null;
}
