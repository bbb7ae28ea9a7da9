/**
 * The thread pool. Piscina only runs tasks: it never gets more tasks than it has threads, because waiting work stays in the
 * database. Hashing of uploads has its own threads, so that long stages do not delay it.
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
  stageLimitMs,
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
  /**
   * Runs one of Turnover's own stages for many files in one thread. Outcomes are in the order of `inputs`; null where the
   * stage threw.
   */
  runStageBatch(
    stage: string,
    inputs: readonly StageInput[],
    signal: AbortSignal,
  ): Promise<StageBatchOutcome>;
  /** Returns the names of the outside stages that each file needs. */
  chooseStages(files: readonly OutsideFile[], signal: AbortSignal): Promise<string[][]>;
  runHashStep(step: HashStep): ReturnType<typeof hashStep>;
  hashWhole(file: WholeFile, signal: AbortSignal): Promise<HashValues>;
  readManifest(file: ManifestFile, signal: AbortSignal): Promise<StorableReading>;
  close(): Promise<void>;
};

/**
 * Long stages, such as the encode of a film, run in threads of their own beside all others. One at a time, because ffmpeg
 * uses all cores.
 */
export const longStageSlots = 1;

/** The outside stages, and the modules and checks from which each thread loads them. */
export type OutsideStages = {
  modules: readonly string[];
  checks?: readonly ExternalCheck[];
  stages: readonly OutsideStage[];
};

/** How long a file can keep others waiting, however hostile it is. */
type PoolLimits = {
  stageMs: typeof stageLimitMs;
  /** A thread that ignores a cancel message is terminated after this time. */
  graceMs: number;
};
const usualLimits: PoolLimits = { stageMs: stageLimitMs, graceMs: 5000 };

export function openPool(
  threads: number,
  outside: OutsideStages = { modules: [], stages: [] },
  limits: Partial<PoolLimits> = {},
): Pool {
  const { stageMs, graceMs } = { ...usualLimits, ...limits };
  const maxThreads = Math.max(2, threads);
  const hashThreads = Math.max(1, Math.floor(maxThreads / 4));
  const workerData: ThreadData = { stageModules: outside.modules, checks: outside.checks ?? [] };
  const piscina = new Piscina({
    filename: new URL('./thread.ts', import.meta.url).href,
    // Starting a thread takes almost a second of processor time. The others start with the first work for them, and stay.
    minThreads: 1,
    maxThreads: maxThreads + longStageSlots,
    idleTimeout: Infinity,
    workerData,
  });
  const run = (name: TaskName, task: Task, options: RunOptions, limitMs: number | null) =>
    runTask(piscina, { name, task, limitMs, graceMs }, options);
  return {
    stageThreads: maxThreads - hashThreads,
    hashThreads,
    outsideStages: outside.stages,
    async runStage(stage, input, options) {
      const limitMs = isStageName(stage)
        ? stageMs(stage, input)
        : (outside.stages.find(({ name }) => name === stage)?.timeLimitMs ?? null);
      const outcome = await run('runStage', { stage, input }, options, limitMs);
      return isStageName(stage) ? stageOutcome.parse(outcome) : outsideOutcome.parse(outcome);
    },
    async runStageBatch(stage, inputs, signal) {
      const options = { signal, onProgress: () => undefined };
      // The files are small: together they take no longer than one may take alone.
      const limitsMs = inputs.map((input) => (isStageName(stage) ? stageMs(stage, input) : null));
      const limitMs = limitsMs.includes(null) ? null : Math.max(...(limitsMs as number[]));
      const outcomes = await run('runStageBatch', { stage, inputs }, options, limitMs);
      return stageBatchOutcome.parse(outcomes);
    },
    chooseStages: (files, signal) => piscina.run(files, { name: 'chooseStages', signal }),
    runHashStep: (step) => piscina.run(step, { name: 'runHashStep' }),
    hashWhole: (file, signal) => piscina.run(file, { name: 'runHashWhole', signal }),
    readManifest: (file, signal) => piscina.run(file, { name: 'runReadManifest', signal }),
    close: () => piscina.destroy(),
  };
}

type TaskName = 'runStage' | 'runStageBatch';
type Task = Omit<StageTask, 'port'> | Omit<StageBatch, 'port'>;
type LimitedTask = { name: TaskName; task: Task; limitMs: number | null; graceMs: number };

/** Runs a task that accepts a cancel message and reports its progress. */
async function runTask(
  piscina: Piscina,
  { name, task, limitMs, graceMs }: LimitedTask,
  { signal, onProgress }: RunOptions,
): Promise<unknown> {
  signal.throwIfAborted();
  const { port1: ours, port2: port } = new MessageChannel();
  const end = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let limit: NodeJS.Timeout | undefined;
  let failure: { error: unknown } | undefined;
  // Sends a message first: aborting the task directly would leave child processes of the stage running.
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
  if (limitMs !== null) limit = setTimeout(() => cancelWith(new TookTooLongError()), limitMs);
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
