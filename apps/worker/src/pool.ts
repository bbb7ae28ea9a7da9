/**
 * The thread pool. Piscina only runs a task on a core: it never gets more tasks than it has threads, because waiting work
 * stays in database rows. Hashing of uploads has its own threads, so that long stages do not delay it.
 */
import { MessageChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { ExternalCheck } from '@turnover/domain/media/external-checks';
import {
  outsideOutcome,
  type OutsideFile,
  type OutsideOutcome,
  type OutsideStage,
} from '@turnover/domain/media/outside-stages';
import type { StorableReading } from '@turnover/domain/manifests/manifest';
import {
  isStageName,
  stageBatchOutcome,
  stageOutcome,
  type StageBatchOutcome,
  type StageInput,
  type StageOutcome,
} from '@turnover/domain/media/stages';
import type { HashValues, hashStep, HashStep } from '@turnover/processing/hash';
import type { WholeFile } from '@turnover/processing/hash-whole';
import type { ManifestFile } from '@turnover/processing/manifest-list';
import { TookTooLongError } from './took-too-long.ts';
import type { StageBatch, StageTask, ThreadData } from './thread.ts';

export type RunOptions = { signal: AbortSignal; onProgress: (share: number) => void };

export type Pool = {
  /** How many stages may run at once. */
  readonly stageThreads: number;
  readonly hashThreads: number;
  readonly outsideStages: readonly OutsideStage[];
  runStage(stage: string, input: StageInput, options: RunOptions): Promise<StageOutcome | OutsideOutcome>;
  /** One of our own stages for many files, in one thread. In the order of `inputs`; an outcome is null when the stage broke. */
  runStageBatch(
    stage: string,
    inputs: readonly StageInput[],
    signal: AbortSignal,
  ): Promise<StageBatchOutcome>;
  /** The names of the stages from outside for each file. */
  chooseStages(files: readonly OutsideFile[], signal: AbortSignal): Promise<string[][]>;
  runHashStep(step: HashStep): ReturnType<typeof hashStep>;
  hashWhole(file: WholeFile, signal: AbortSignal): Promise<HashValues>;
  readManifest(file: ManifestFile, signal: AbortSignal): Promise<StorableReading>;
  close(): Promise<void>;
};

/** Stages as long as a film run beside all others, in threads of their own. ffmpeg takes all cores by itself. */
export const longStageSlots = 1;

/** A thread that ignores a cancel message is terminated after this time. */
const graceMs = 5000;

/** The stages from outside, and the modules and checks from which each thread makes them. */
export type OutsideStages = {
  modules: readonly string[];
  checks?: readonly ExternalCheck[];
  stages: readonly OutsideStage[];
};

export function openPool(threads: number, outside: OutsideStages = { modules: [], stages: [] }): Pool {
  const maxThreads = Math.max(2, threads);
  const hashThreads = Math.max(1, Math.floor(maxThreads / 4));
  const workerData: ThreadData = { stageModules: outside.modules, checks: outside.checks ?? [] };
  const piscina = new Piscina({
    filename: new URL('./thread.ts', import.meta.url).href,
    // A thread takes most of a second of processor time to start: the others start with the first work for them, and stay.
    minThreads: 1,
    maxThreads: maxThreads + longStageSlots,
    idleTimeout: Infinity,
    workerData,
  });
  return {
    stageThreads: maxThreads - hashThreads,
    hashThreads,
    outsideStages: outside.stages,
    async runStage(stage, input, options) {
      const limitMs = outside.stages.find(({ name }) => name === stage)?.timeLimitMs;
      const outcome = await runTask(piscina, 'runStage', { stage, input }, options, limitMs);
      return isStageName(stage) ? stageOutcome.parse(outcome) : outsideOutcome.parse(outcome);
    },
    async runStageBatch(stage, inputs, signal) {
      const options = { signal, onProgress: () => undefined };
      const outcomes = await runTask(piscina, 'runStageBatch', { stage, inputs }, options);
      return stageBatchOutcome.parse(outcomes);
    },
    chooseStages: (files, signal) => piscina.run(files, { name: 'chooseStages', signal }),
    runHashStep: (step) => piscina.run(step, { name: 'runHashStep' }),
    hashWhole: (file, signal) => piscina.run(file, { name: 'runHashWhole', signal }),
    readManifest: (file, signal) => piscina.run(file, { name: 'runReadManifest', signal }),
    close: () => piscina.destroy(),
  };
}

/** Runs a task that takes a cancel message and reports progress. */
async function runTask(
  piscina: Piscina,
  name: 'runStage' | 'runStageBatch',
  task: Omit<StageTask, 'port'> | Omit<StageBatch, 'port'>,
  { signal, onProgress }: RunOptions,
  limitMs?: number,
): Promise<unknown> {
  signal.throwIfAborted();
  const { port1: ours, port2: port } = new MessageChannel();
  const end = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let limit: NodeJS.Timeout | undefined;
  let failure: { error: unknown } | undefined;
  // Send a message first: aborting the task at once would leave child processes of the stage running.
  const cancel = () => {
    ours.postMessage('cancel');
    timer ??= setTimeout(() => end.abort(), graceMs);
  };
  const cancelWith = (error: unknown) => {
    failure ??= { error };
    cancel();
  };
  ours.on('message', (share: number) => {
    try {
      onProgress(share);
    } catch (error) {
      cancelWith(error);
    }
  });
  if (limitMs !== undefined) limit = setTimeout(() => cancelWith(new TookTooLongError()), limitMs);
  signal.addEventListener('abort', cancel);
  try {
    return await piscina.run({ ...task, port }, { name, transferList: [port], signal: end.signal });
  } catch (error) {
    throw failure ? failure.error : error;
  } finally {
    clearTimeout(timer);
    clearTimeout(limit);
    signal.removeEventListener('abort', cancel);
    ours.close();
  }
}
