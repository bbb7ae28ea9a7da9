/** Makes previews that somebody asked for. One file that breaks the stage leaves the others theirs. */
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

/** Other jobs of the slot wait no longer for previews than this, and what one file takes. */
const turnMs = 5000;

async function run(tools: WorkerTools, job: PreviewJob, signal: AbortSignal): Promise<void> {
  const { ctx } = tools;
  const until = ctx.clock() + turnMs;
  for (const work of waitingPreviews(ctx.db, job)) {
    try {
      endPreviews(ctx, job, work.assetId, await make(tools, job, work, signal));
    } catch (error) {
      // The job itself is to end; or its last file tries again with it.
      if (signal.aborted || job.payload.assetIds.length === 1) throw error;
      ctx.log('warn', 'previews.failed', { assetId: work.assetId, message: String(error) });
      endPreviews(ctx, job, work.assetId, { reason: 'crashed', report: null, previews: [] });
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
    if (place === null) return { reason: 'no_space', report: null, previews: [] };
    const previews = { folder: place.folder.path, maxBytes: place.maxBytes };
    const [report, made] = await storage.lendAsset(work.assetId, async (path) => {
      const report = await readReport(tools, work, path, signal);
      return [report, await runStage(tools, 'preview', { ...work, path, report, previews }, signal)] as const;
    });
    if (made.kind !== 'done')
      return { reason: made.kind === 'skipped' ? made.reason : 'crashed', report, previews: [] };
    const kept = await place.folder.keep(work.assetId, made.previews ?? []);
    return { reason: whyNotAll(made), report, previews: kept };
  });
}

/** How long it is, its frame rate and its timecode. The stage that finds them stores nothing here: it is no check. */
async function readReport(
  tools: WorkerTools,
  work: PreviewWork,
  path: string,
  signal: AbortSignal,
): Promise<MediaReport | null> {
  const read = await runStage(tools, 'inspect', { ...work, path, report: null, previews: null }, signal);
  return (read.kind === 'done' && read.report) || null;
}

/** What the stage set aside, or what a program said of the file. */
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
