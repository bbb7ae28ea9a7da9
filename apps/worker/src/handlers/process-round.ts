/** Queues the processing stages for the files of a submitted round. */
import { startRound, type OutsideChoice } from '@turnover/core/requests/processing/rounds';
import type { Handler, WorkerTools } from './handler.ts';

/** For the `appliesTo` of 40 files. */
const chooseLimitMs = 10_000;

export const processRound: Handler<'processRound'> = {
  run: (tools, job) =>
    startRound(tools.ctx, job, tools.pool.outsideStages.length > 0 ? outsideChoice(tools) : undefined),
  // The request stays in its status and somebody has to look at the dead job, so this logs an error.
  giveUp(_tx, ctx, job, reason) {
    ctx.log('error', 'round.stuck', { ...job.payload, reason });
  },
};

/** When choosing hangs or fails, the rest of the round gets every stage, and the runs show what is wrong. */
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
