/** Removes many files from a request in batches. */
import { runRemoval } from '@turnover/core/requests/files/remove-many';
import type { Handler } from './handler.ts';

export const removeFiles: Handler<'removeFiles'> = {
  run: ({ ctx }, job) => runRemoval(ctx, job),
  // Logs an error, because the request keeps its remaining files until somebody handles the dead job.
  giveUp(_tx, ctx, job, reason) {
    ctx.log('error', 'removal.stuck', { ...job.payload, reason });
  },
};
