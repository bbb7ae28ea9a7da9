/** Submits a request that submits itself, once all it expects is there. */
import { submitIfComplete } from '@turnover/core/requests/automatic-submit';
import type { Handler } from './handler.ts';

export const submitWhenComplete: Handler<'submitWhenComplete'> = {
  run: ({ ctx }, job) => submitIfComplete(ctx, job),
  // The next change asks again, and its people can submit it themselves.
  giveUp(_tx, ctx, job, reason) {
    ctx.log('error', 'submit.notTried', { ...job.payload, reason });
  },
};
