/** Queues the processing stages for the files of a submitted round. */
import { startRound, type OutsideChoice } from '@turnover/core/requests/processing/rounds';
import type { Handler, WorkerTools } from './handler.ts';

/** Time limit for choosing the outside stages of 40 files (`appliesTo`). */
const chooseLimitMs = 10_000;

export const processRound: Handler<'processRound'> = {
  run: (tools, job) =>
    startRound(tools.ctx, job, tools.pool.outsideStages.length > 0 ? outsideChoice(tools) : undefined),
  // Logs an error, because the request stays in its status until somebody handles the dead job.
  giveUp(_tx, ctx, job, reason) {
    ctx.log('error', 'round.stuck', { ...job.payload, reason });
  },
};

/** When choosing fails or takes too long, the remaining files get every outside stage, and their runs show the fault. */
function outsideChoice({ ctx, pool }: WorkerTools): OutsideChoice {
  const names = pool.outsideStages.map(({ name }) => name);
  let failed = false;
  return {
    names,
    async choose(files) {
      try {
        if (!failed) return await pool.chooseStages(files, AbortSignal.timeout(chooseLimitMs));
      } catch (error) {
        failed = true;
        ctx.log('error', 'stages.notChosen', { message: String(error) });
      }
      return files.map(() => names);
    },
  };
}
