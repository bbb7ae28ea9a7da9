/** Runs one stage of one file. The work happens in a thread; this file records its progress and result. */
import {
  beginStage,
  giveUpStage,
  failStage,
  finishStage,
  planStage,
  recordProgress,
  skipStage,
  slotTimes,
} from '@turnover/core/requests/processing/stages';
import { lendSiblings } from '@turnover/core/requests/processing/siblings';
import type { StageResult } from '@turnover/core/requests/processing/inspection';
import { crashpoint } from '@turnover/core/crashpoints';
import type { OutsideOutcome } from '@turnover/domain/media/outside-stages';
import type { StageOutcome } from '@turnover/domain/media/stages';
import type { Handler } from './handler.ts';

type Done = Extract<StageOutcome | OutsideOutcome, { kind: 'done' }>;

/** Stages from outside have facts only. */
function resultOf(done: Done): StageResult {
  if (!('problems' in done)) return { facts: done.facts, problems: [], problemCount: 0 };
  const { facts, report, problems, problemCount = problems.length } = done;
  return { facts, report, problems, problemCount };
}

export const runStage: Handler<'runStage'> = {
  async run({ ctx, pool, simulationSpeed }, job, signal) {
    const work = beginStage(ctx, job);
    if (!work) return;
    const onProgress = (share: number) => recordProgress(ctx, job, work, share);
    let isRecorded = false;
    while (!isRecorded) {
      const lanes = slotTimes(ctx.db);
      const input = { ...work.input, simulationSpeed, lanes, now: ctx.clock() };
      const outcome = await ctx.storage.lendAsset(work.file.assetId, (path) =>
        lendSiblings(ctx.storage, work.siblings, (siblings) =>
          pool.runStage(work.run.stage, { ...input, path, siblings }, { signal, onProgress }),
        ),
      );
      crashpoint('stage.afterRun');
      isRecorded = true;
      if (outcome.kind === 'planned') isRecorded = planStage(ctx, job, work, outcome, lanes);
      else if (outcome.kind === 'failed') failStage(ctx, job, work, outcome.failure, outcome.facts);
      else if (outcome.kind === 'skipped') skipStage(ctx, job, work, outcome.reason);
      else finishStage(ctx, job, work, resultOf(outcome));
    }
    crashpoint('stage.afterCommit');
  },
  giveUp: giveUpStage,
};
