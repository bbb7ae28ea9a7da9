/** Submits a request with automatic submit when all expected files have arrived. */
import { submitIfComplete } from '@turnover/core/requests/automatic-submit';
import type { Handler } from './handler.ts';

export const submitWhenComplete: Handler<'submitWhenComplete'> = {
  run: ({ ctx }, job) => submitIfComplete(ctx, job),
  // The next change queues another check, and people can still submit the request themselves.
  giveUp(_tx, ctx, job, reason) {
    ctx.log('error', 'submit.notTried', { ...job.payload, reason });
  },
};
