/** Every handler, keyed by job kind. A job kind of domain without a handler is a compiler error. */
import type { Context } from '@turnover/core/context';
import type { Job } from '@turnover/core/jobs';
import type { Transaction } from '@turnover/db/open';
import type { JobKind } from '@turnover/domain/server/jobs';
import { compareManifests } from './compare-manifests.ts';
import type { Handler, WorkerTools } from './handler.ts';
import { hashForManifests } from './hash-for-manifests.ts';
import { hashRound } from './hash-round.ts';
import { makeBackup } from './make-backup.ts';
import { makeLongPreviews, makePreviews } from './make-previews.ts';
import { processRound } from './process-round.ts';
import { removeFiles } from './remove-files.ts';
import { runFrames } from './run-frames.ts';
import { runLongStage, runStage } from './run-stage.ts';
import { sendMails } from './send-mails.ts';
import { submitWhenComplete } from './submit-when-complete.ts';

const handlers: { [Kind in JobKind]: Handler<Kind> } = {
  compareManifests,
  hashForManifests,
  hashRound,
  makeBackup,
  makeLongPreviews,
  makePreviews,
  processRound,
  removeFiles,
  runFrames,
  runLongStage,
  runStage,
  sendMails,
  submitWhenComplete,
};

export function runJob(tools: WorkerTools, job: Job, signal: AbortSignal): Promise<void> {
  return handlerOf(job).run(tools, job, signal);
}

export function giveUpJob(tx: Transaction, ctx: Context, job: Job, reason: string): void {
  handlerOf(job).giveUp(tx, ctx, job, reason);
}

export function signalRetry(tx: Transaction, ctx: Context, job: Job): void {
  handlerOf(job).retryLater?.(tx, ctx, job);
}

function handlerOf(job: Job): Handler<JobKind> {
  return handlers[job.kind] as Handler<JobKind>;
}
