/** Removes many files from a request, batch by batch. */
import { runRemoval } from '@turnover/core/requests/files/remove-many';
import type { Handler } from './handler.ts';

export const removeFiles: Handler<'removeFiles'> = {
  run: ({ ctx }, job) => runRemoval(ctx, job),
  // The request keeps its remaining files and somebody has to look at the dead job, so this logs an error.
  giveUp(_tx, ctx, job, reason) {
    ctx.log('error', 'removal.stuck', { ...job.payload, reason });
  },
};
