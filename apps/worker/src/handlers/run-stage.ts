/** Runs one stage of one file. A thread does the work; this file records its progress and result. */
import { layoutsOf } from '@turnover/core/requests/processing/frame-layouts';
import {
  awaitsOthers,
  beginStage,
  closesSequence,
  giveUpStage,
  failStage,
  finishStage,
  planStage,
  recordProgress,
  signalRetry,
  skipStage,
  slotTimes,
  type StageJob,
  type StageWork,
} from '@turnover/core/requests/processing/stages';
import { previewsMadeBefore } from '@turnover/core/requests/processing/made-previews';
import { lendSiblings } from '@turnover/core/requests/processing/siblings';
import type { StageResult } from '@turnover/core/requests/processing/inspection';
import { crashpoint } from '@turnover/core/crashpoints';
import type { PreviewFolder, StoredPreview } from '@turnover/core/storage';
import { problemsOf, type OutsideOutcome } from '@turnover/domain/media/outside-stages';
import { stageReads, type StageInput, type StageOutcome } from '@turnover/domain/media/stages';
import type { Handler, WorkerTools } from './handler.ts';
import { withPreviewFolder, type PreviewPlace } from './preview-folder.ts';

type Outcome = StageOutcome | OutsideOutcome;
type Done = Extract<Outcome, { kind: 'done' }>;

/** Converts the outcome to a result. Outside stages report findings with texts of their own. */
function resultOf(done: Done, previews: readonly StoredPreview[]): StageResult {
  if ('findings' in done) return { facts: done.facts, ...problemsOf(done.findings) };
  const { facts, report, problems, problemCount = problems.length } = done;
  return { facts, report, problems, problemCount, previews };
}

async function run(tools: WorkerTools, job: StageJob, signal: AbortSignal): Promise<void> {
  const { ctx } = tools;
  if (awaitsOthers(ctx, job)) return;
  const work = beginStage(ctx, job);
  if (!work) return;
  const made = previewsMadeBefore(ctx.db, work);
  if (made) {
    finishStage(ctx, job, work, { facts: made, problems: [], problemCount: 0 });
    return;
  }
  const layouts = closesSequence(work) ? await layoutsOf(ctx.db, work.file) : null;
  await withPreviews(ctx, job, work, async (place) => {
    const previews = place && { folder: place.folder.path, maxBytes: place.maxBytes };
    let isRecorded = false;
    while (!isRecorded) {
      const lanes = slotTimes(ctx.db);
      const outcome = await runInThread(tools, job, work, { lanes, previews, layouts }, signal);
      crashpoint('stage.afterRun');
      isRecorded = true;
      if (outcome.kind === 'planned') isRecorded = planStage(ctx, job, work, outcome, lanes);
      else if (outcome.kind === 'failed') failStage(ctx, job, work, outcome.failure, outcome.facts);
      else if (outcome.kind === 'skipped') skipStage(ctx, job, work, outcome.reason);
      else finishStage(ctx, job, work, resultOf(outcome, await keep(place?.folder, work, outcome)));
    }
  });
  crashpoint('stage.afterCommit');
}

/** Provides a preview folder, but only for stages that make previews. */
function withPreviews(
  { storage }: WorkerTools['ctx'],
  job: StageJob,
  { run }: StageWork,
  use: (place: PreviewPlace | null) => Promise<void>,
): Promise<void> {
  if (!stageReads(run.stage, 'previews')) return use(null);
  return withPreviewFolder(storage, `${run.id}-${job.leaseToken}`, use);
}

function runInThread(
  { ctx, pool, simulationSpeed }: WorkerTools,
  job: StageJob,
  work: StageWork,
  more: Pick<StageInput, 'lanes' | 'previews' | 'layouts'>,
  signal: AbortSignal,
): Promise<Outcome> {
  const { stage } = work.run;
  const input = { ...work.input, ...more, simulationSpeed, now: ctx.clock() };
  const onProgress = (share: number) => recordProgress(ctx, job, work, share);
  return ctx.storage.lendAsset(work.file.assetId, (path) =>
    lendSiblings(ctx.storage, work.siblings, (siblings) =>
      pool.runStage(stage, { ...input, path, siblings }, { signal, onProgress }),
    ),
  );
}

async function keep(
  folder: PreviewFolder | undefined,
  { file }: StageWork,
  done: Done,
): Promise<StoredPreview[]> {
  if (!folder || !('previews' in done)) return [];
  return folder.keep(file.assetId, done.previews ?? []);
}

export const runStage: Handler<'runStage'> = { run, giveUp: giveUpStage, retryLater: signalRetry };
export const runLongStage: Handler<'runLongStage'> = { run, giveUp: giveUpStage, retryLater: signalRetry };
