/** Makes previews on demand. When one file fails, the others of the job still get theirs. */
import {
  endPreviews,
  endPreviewTurn,
  giveUpPreviews,
  waitingPreviews,
  type PreviewJob,
  type PreviewResult,
  type PreviewWork,
} from '@turnover/core/assets/preview-runs';
import { mediaKind } from '@turnover/domain/media/media-kinds';
import type { MediaReport } from '@turnover/domain/media/media-report';
import type { StageInput, StageOutcome } from '@turnover/domain/media/stages';
import type { Handler, WorkerTools } from './handler.ts';
import { withPreviewFolder } from './preview-folder.ts';

/** Time after which the job lets other jobs run. They wait at most this long, plus the time of one file. */
const turnMs = 5000;

const nothing = { report: null, facts: null, previews: [] };

async function run(tools: WorkerTools, job: PreviewJob, signal: AbortSignal): Promise<void> {
  const { ctx } = tools;
  const until = ctx.clock() + turnMs;
  for (const work of waitingPreviews(ctx.db, job)) {
    try {
      endPreviews(ctx, job, work.assetId, await make(tools, job, work, signal));
    } catch (error) {
      // Rethrows when the whole job stops, or when this is its only file: then the job is tried again.
      if (signal.aborted || job.payload.assetIds.length === 1) throw error;
      ctx.log('warn', 'previews.failed', { assetId: work.assetId, message: String(error) });
      endPreviews(ctx, job, work.assetId, { reason: 'crashed', ...nothing });
    }
    if (ctx.clock() >= until) break;
  }
  endPreviewTurn(ctx, job);
}

function make(
  tools: WorkerTools,
  job: PreviewJob,
  work: PreviewWork,
  signal: AbortSignal,
): Promise<PreviewResult> {
  const { storage } = tools.ctx;
  return withPreviewFolder(storage, `${job.id}-${job.leaseToken}`, async (place) => {
    if (place === null) return { reason: 'no_space', ...nothing };
    const previews = { folder: place.folder.path, maxBytes: place.maxBytes };
    const [report, made] = await storage.lendAsset(work.assetId, async (path) => {
      const report = await readReport(tools, work, path, signal);
      return [report, await runStage(tools, 'preview', { ...work, path, report, previews }, signal)] as const;
    });
    if (made.kind !== 'done')
      return { ...nothing, reason: made.kind === 'skipped' ? made.reason : 'crashed', report };
    const kept = await place.folder.keep(work.assetId, made.previews ?? []);
    const reason = whyNotAll(made);
    return { reason, report, facts: reason === null ? made.facts : null, previews: kept };
  });
}

/**
 * Duration, frame rate and timecode of the file. The stage `inspect` finds them, but no result is stored: this is not an
 * inspection.
 */
async function readReport(
  tools: WorkerTools,
  work: PreviewWork,
  path: string,
  signal: AbortSignal,
): Promise<MediaReport | null> {
  const read = await runStage(tools, 'inspect', { ...work, path, report: null, previews: null }, signal);
  return (read.kind === 'done' && read.report) || null;
}

/** Why previews are missing: the first problem, or what the stage left out. Null when nothing is missing. */
function whyNotAll({ facts, problems }: Extract<StageOutcome, { kind: 'done' }>): string | null {
  const [problem] = problems;
  if (problem) return problem.measured ?? problem.code;
  return facts.missing === undefined ? null : String(facts.missing);
}

type Asked = PreviewWork & Pick<StageInput, 'path' | 'report' | 'previews'>;

function runStage(
  { pool, ctx, simulationSpeed }: WorkerTools,
  stage: 'inspect' | 'preview',
  { assetId, ...asked }: Asked,
  signal: AbortSignal,
): Promise<StageOutcome> {
  const input: StageInput = {
    ...asked,
    mediaKind: mediaKind(asked.name),
    checksums: [],
    wanted: null,
    limits: null,
    siblings: [],
    layouts: null,
    seed: assetId,
    simulationSpeed,
    lanes: { heavy: [], light: [] },
    now: ctx.clock(),
  };
  return pool.runStage(stage, input, { signal, onProgress: () => undefined }) as Promise<StageOutcome>;
}

export const makePreviews: Handler<'makePreviews'> = { run, giveUp: giveUpPreviews };
export const makeLongPreviews: Handler<'makeLongPreviews'> = { run, giveUp: giveUpPreviews };
