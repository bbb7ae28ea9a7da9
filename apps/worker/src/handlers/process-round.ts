/** Fans a submitted round out into the stages of its files. */
import { startRound } from '@turnover/core/requests/processing/rounds';
import type { Handler } from './handler.ts';

export const processRound: Handler<'processRound'> = {
  run: ({ ctx }, job) => startRound(ctx, job),
  // The request stays where it is: somebody has to look at the dead job, so it is loud.
  giveUp(_tx, ctx, job, reason) {
    ctx.log('error', 'round.stuck', { ...job.payload, reason });
  },
};
