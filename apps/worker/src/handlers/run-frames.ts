/** Runs the stages of several frames of a sequence, one stage after another. Each stage is one task of a thread. */
import { crashpoint } from '@turnover/core/crashpoints';
import { lendAssets } from '@turnover/core/lend-assets';
import {
  beginFrames,
  giveUpFrames,
  planFrames,
  recordFrames,
  type FrameEnd,
} from '@turnover/core/requests/processing/frames';
import type { StageWork } from '@turnover/core/requests/processing/stages';
import type { StageOutcome } from '@turnover/domain/media/stages';
import type { Handler, WorkerTools } from './handler.ts';

export const runFrames: Handler<'runFrames'> = {
  async run(tools, job, signal) {
    const { ctx, simulationSpeed } = tools;
    for (let works = beginFrames(ctx, job); works; works = beginFrames(ctx, job)) {
      if (works[0]!.run.mode === 'simulated') {
        planFrames(ctx, job, works, simulationSpeed);
        continue;
      }
      const ends = await runInThread(tools, works, signal);
      crashpoint('stage.afterRun');
      recordFrames(ctx, job, ends);
      crashpoint('stage.afterCommit');
    }
  },
  giveUp: giveUpFrames,
};

/** Runs one stage of many small files as one task of a thread. */
export async function runInThread(
  { ctx, pool, simulationSpeed }: WorkerTools,
  works: readonly StageWork[],
  signal: AbortSignal,
): Promise<FrameEnd[]> {
  const { stage } = works[0]!.run;
  const assetIds = works.map(({ file }) => file.assetId);
  const now = ctx.clock();
  const none = { siblings: [], layouts: null, previews: null, lanes: { heavy: [], light: [] } };
  try {
    const outcomes = await lendAssets(ctx.storage, assetIds, (paths) => {
      const inputs = works.map(({ input }, at) => ({
        ...input,
        ...none,
        path: paths[at]!,
        now,
        simulationSpeed,
      }));
      return pool.runStageBatch(stage, inputs, signal);
    });
    let endAt = now;
    return works.map((work, at) => {
      const { outcome, ms, error } = outcomes[at]!;
      const startAt = endAt;
      endAt = Math.round(startAt + ms);
      if (error !== undefined) ctx.log('warn', 'frame.broke', { stage, file: work.file.id, message: error });
      return { ...endOf(outcome), work, startAt, endAt };
    });
  } catch (error) {
    signal.throwIfAborted();
    // The thread died. Nothing shows which frame caused it, so each frame is tried again alone.
    ctx.log('warn', 'frames.broke', { stage, frames: works.length, message: String(error) });
    return works.map((work) => ({ kind: 'broke', work, startAt: now, endAt: now }));
  }
}

type EndOnly = FrameEnd extends infer End
  ? End extends FrameEnd
    ? Omit<End, 'work' | 'startAt' | 'endAt'>
    : never
  : never;

function endOf(outcome: StageOutcome | null): EndOnly {
  // Only the simulated encode returns `planned`, and it does not run here.
  if (outcome === null || outcome.kind === 'planned') return { kind: 'broke' };
  if (outcome.kind !== 'done') return outcome;
  const { facts, report, problems, problemCount = problems.length } = outcome;
  return { kind: 'done', facts, report, problems, problemCount };
}
