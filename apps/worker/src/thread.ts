/** What runs in a thread of the pool: one piece of work at a time, without a database. */
import type { MessagePort } from 'node:worker_threads';
import type { StageInput, StageName, StageOutcome } from '@turnover/domain/media/stages';
import { hashStep, hashWhole, type HashStep, type WholeFile } from '@turnover/processing/hash';
import { readManifestFile, type ManifestFile } from '@turnover/processing/manifest-list';
import { stages } from '@turnover/processing/registry';

/** Any message on the port cancels; shares of the work that is done go out of it. */
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

/** These two look at nothing from outside: whoever cancels them ends their thread. */
export function runHashWhole(file: WholeFile): ReturnType<typeof hashWhole> {
  return hashWhole(file);
}

export function runReadManifest(file: ManifestFile): ReturnType<typeof readManifestFile> {
  return readManifestFile(file);
}
