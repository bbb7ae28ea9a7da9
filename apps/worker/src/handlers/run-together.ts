/** Runs the same stage of several small files as one task of a thread. Each file has its own job. */
import { crashpoint } from '@turnover/core/crashpoints';
import { beginTogether, recordTogether } from '@turnover/core/requests/processing/short-stages';
import type { StageJob } from '@turnover/core/requests/processing/stages';
import type { WorkerTools } from './handler.ts';
import { runInThread } from './run-frames.ts';

export async function runTogether(
  tools: WorkerTools,
  bunch: readonly StageJob[],
  signal: AbortSignal,
): Promise<void> {
  const works = beginTogether(tools.ctx, bunch);
  const ends = works.length > 0 ? await runInThread(tools, works, signal) : [];
  crashpoint('stage.afterRun');
  recordTogether(tools.ctx, bunch, ends);
  crashpoint('stage.afterCommit');
}
