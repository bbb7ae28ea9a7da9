/** Queues the checks of automatic submits. The job itself is in `automatic-submit.ts`. */
import type { Transaction } from '@turnover/db/open';
import { takesFiles } from '@turnover/domain/requests/actions';
import type { DeliveryRequest } from '../access.ts';
import type { Context } from '../context.ts';
import { enqueue } from '../jobs.ts';

/** Queues an automatic-submit check. Call it after any change that may complete the delivery. */
export function queueSubmitCheck(
  tx: Transaction,
  ctx: Pick<Context, 'clock' | 'newId'>,
  { id: requestId, automaticSubmit, status }: Pick<DeliveryRequest, 'id' | 'automaticSubmit' | 'status'>,
): void {
  if (!automaticSubmit || !takesFiles(status)) return;
  enqueue(tx, ctx, 'submitWhenComplete', { requestId }, { dedupeKey: `submit:${requestId}` });
}
