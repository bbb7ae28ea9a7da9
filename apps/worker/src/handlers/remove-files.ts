/** Takes many files out of a request, batch by batch. */
import { runRemoval } from '@turnover/core/requests/files/remove-many';
import type { Handler } from './handler.ts';

export const removeFiles: Handler<'removeFiles'> = {
  run: ({ ctx }, job) => runRemoval(ctx, job),
  // The request waits with what is left: somebody has to look at the dead job, so it is loud.
  giveUp(_tx, ctx, job, reason) {
    ctx.log('error', 'removal.stuck', { ...job.payload, reason });
  },
};
