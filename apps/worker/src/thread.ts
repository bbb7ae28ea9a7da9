/** The code that runs in a pool thread: one task at a time, without a database. */
import type { MessagePort } from 'node:worker_threads';
import type { StageInput, StageName, StageOutcome } from '@turnover/domain/media/stages';
import { hashStep, hashWhole, type HashStep, type WholeFile } from '@turnover/processing/hash';
import { readManifestFile, type ManifestFile } from '@turnover/processing/manifest-list';
import { stages } from '@turnover/processing/registry';

/** Any message received on the port cancels the task. The task sends its progress through it. */
export type StageTask = { stage: StageName; input: StageInput; port: MessagePort };

const reportEveryMs = 1000;

export async function runStage({ stage, input, port }: StageTask): Promise<StageOutcome> {
  const cancel = new AbortController();
  port.on('message', () => cancel.abort(new Error('Cancelled.')));
  let reportedAt = performance.now();
  const progress = (share: number) => {
    if (performance.now() - reportedAt < reportEveryMs) return;
    reportedAt = performance.now();
    port.postMessage(share);
  };
  try {
    return await stages[stage](input, { signal: cancel.signal, progress });
  } finally {
    port.close();
  }
}

export function runHashStep(step: HashStep): ReturnType<typeof hashStep> {
  return hashStep(step);
}

/** The two hashing tasks take no cancel message; cancelling them terminates their thread. */
export function runHashWhole(file: WholeFile): ReturnType<typeof hashWhole> {
  return hashWhole(file);
}

export function runReadManifest(file: ManifestFile): ReturnType<typeof readManifestFile> {
  return readManifestFile(file);
}
