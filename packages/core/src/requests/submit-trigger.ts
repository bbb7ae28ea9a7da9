/** Asks for a delivery that submits itself to be checked. The job that checks it is in automatic-submit.ts. */
import { eq } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { requests } from '@turnover/db/schema/requests';
import { takesFiles } from '@turnover/domain/requests/actions';
import type { Context } from '../context.ts';
import { enqueue } from '../jobs.ts';

/** Queues an automatic-submit check. Call it after any change that may complete the delivery. */
export function queueSubmitCheck(
  tx: Transaction,
  ctx: Pick<Context, 'clock' | 'newId'>,
  requestId: string,
): void {
  const request = tx.select().from(requests).where(eq(requests.id, requestId)).get();
  if (!request?.automaticSubmit || !takesFiles(request.status)) return;
  enqueue(tx, ctx, 'submitWhenComplete', { requestId }, { dedupeKey: `submit:${requestId}` });
}
