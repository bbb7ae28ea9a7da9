/**
 * The thread pool. Piscina only runs a task on a core: it never gets more tasks than it has threads, because waiting work
 * stays in database rows. Hashing of uploads has its own threads, so that long stages do not delay it.
 */
import { MessageChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import {
  stageOutcome,
  type StageInput,
  type StageName,
  type StageOutcome,
} from '@turnover/domain/media/stages';
import type { HashValues, hashStep, HashStep, WholeFile } from '@turnover/processing/hash';
import type { ManifestFile, ManifestFileRead } from '@turnover/processing/manifest-list';
import type { StageTask } from './thread.ts';

export type RunOptions = { signal: AbortSignal; onProgress: (share: number) => void };

export type Pool = {
  /** How many stages may run at once. */
  readonly stageThreads: number;
  readonly hashThreads: number;
  runStage(stage: StageName, input: StageInput, options: RunOptions): Promise<StageOutcome>;
  runHashStep(step: HashStep): ReturnType<typeof hashStep>;
  hashWhole(file: WholeFile, signal: AbortSignal): Promise<HashValues>;
  readManifest(file: ManifestFile, signal: AbortSignal): Promise<ManifestFileRead>;
  close(): Promise<void>;
};

/** A thread that ignores a cancel message is terminated after this time. */
const graceMs = 5000;

export function openPool(threads: number): Pool {
  const maxThreads = Math.max(2, threads);
  const hashThreads = Math.max(1, Math.floor(maxThreads / 4));
  const piscina = new Piscina({
    filename: new URL('./thread.ts', import.meta.url).href,
    minThreads: maxThreads,
    maxThreads,
  });
  return {
    stageThreads: maxThreads - hashThreads,
    hashThreads,
    runStage: (stage, input, options) => runStage(piscina, stage, input, options),
    runHashStep: (step) => piscina.run(step, { name: 'runHashStep' }),
    hashWhole: (file, signal) => piscina.run(file, { name: 'runHashWhole', signal }),
    readManifest: (file, signal) => piscina.run(file, { name: 'runReadManifest', signal }),
    close: () => piscina.destroy(),
  };
}

async function runStage(
  piscina: Piscina,
  stage: StageName,
  input: StageInput,
  { signal, onProgress }: RunOptions,
): Promise<StageOutcome> {
  signal.throwIfAborted();
  const { port1: ours, port2: port } = new MessageChannel();
  const end = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let failure: { error: unknown } | undefined;
  // Send a message first: aborting the task at once would leave child processes of the stage running.
  const cancel = () => {
    ours.postMessage('cancel');
    timer ??= setTimeout(() => end.abort(), graceMs);
  };
  ours.on('message', (share: number) => {
    try {
      onProgress(share);
    } catch (error) {
      failure ??= { error };
      cancel();
    }
  });
  signal.addEventListener('abort', cancel);
  try {
    const task: StageTask = { stage, input, port };
    const options = { name: 'runStage', transferList: [port], signal: end.signal };
    return stageOutcome.parse(await piscina.run(task, options));
  } catch (error) {
    throw failure ? failure.error : error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
    ours.close();
  }
}
