/** Queues the processing stages for the files of a submitted round. */
import { startRound } from '@turnover/core/requests/processing/rounds';
import type { Handler } from './handler.ts';

export const processRound: Handler<'processRound'> = {
  run: ({ ctx }, job) => startRound(ctx, job),
  // The request stays in its status and somebody has to look at the dead job, so this logs an error.
  giveUp(_tx, ctx, job, reason) {
    ctx.log('error', 'round.stuck', { ...job.payload, reason });
  },
};
