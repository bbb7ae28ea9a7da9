/** The code of a pool thread. It runs one task at a time and has no database. */
import { workerData, type MessagePort } from 'node:worker_threads';
import type { ExternalCheck } from '@turnover/domain/media/external-checks';
import type { OutsideFile, OutsideOutcome } from '@turnover/domain/media/outside-stages';
import {
  isStageName,
  type StageBatchReturn,
  type StageInput,
  type StageReturn,
} from '@turnover/domain/media/stages';
import { stageOfCheck } from '@turnover/processing/external/check-stage';
import { hashStep, type HashStep } from '@turnover/processing/hash';
import { hashWhole, type WholeFile } from '@turnover/processing/hash-whole';
import { readManifestFile, type ManifestFile } from '@turnover/processing/manifest-list';
import { loadOutsideStages, type LoadedStage } from '@turnover/processing/outside/load';
import { runOutsideStage, stagesFor } from '@turnover/processing/outside/run';
import { stages } from '@turnover/processing/registry';
import type { StageIo } from '@turnover/processing/stage';

/** The modules and checks that the outside stages are made from. */
export type ThreadData = { stageModules: readonly string[]; checks: readonly ExternalCheck[] };

/** A task. Any message on `port` cancels it; the task reports its progress through the same port. */
export type StageTask = { stage: string; input: StageInput; port: MessagePort };
/** A task that runs the same stage for many files. */
export type StageBatch = Omit<StageTask, 'input'> & { inputs: readonly StageInput[] };

const reportEveryMs = 1000;

export async function runStage({ stage, input, port }: StageTask): Promise<StageReturn | OutsideOutcome> {
  return untilCancelled(port, async (io) => {
    if (isStageName(stage)) return stages[stage](input, io);
    return runOutsideStage(await outsideStages(), stage, input, io);
  });
}

/** Runs a stage for many files. When it throws for one file, the others still get their outcome. */
export async function runStageBatch({ stage, inputs, port }: StageBatch): Promise<StageBatchReturn> {
  if (!isStageName(stage)) throw new Error(`${stage} does not run for many files at once.`);
  const run = stages[stage];
  return untilCancelled(port, async ({ signal }) => {
    const outcomes: StageBatchReturn = [];
    for (const input of inputs) {
      const startedAt = performance.now();
      const end = (outcome: StageReturn | null, error?: string) =>
        outcomes.push({ outcome, ms: performance.now() - startedAt, ...(error !== undefined && { error }) });
      try {
        end(await run(input, { signal, progress: () => undefined }));
      } catch (error) {
        signal.throwIfAborted();
        end(null, String(error));
      }
    }
    return outcomes;
  });
}

async function untilCancelled<Result>(
  port: MessagePort,
  run: (io: StageIo) => Promise<Result>,
): Promise<Result> {
  const cancel = new AbortController();
  port.on('message', () => cancel.abort(new Error('Cancelled.')));
  let reportedAt = performance.now();
  const progress = (share: number) => {
    if (performance.now() - reportedAt < reportEveryMs) return;
    reportedAt = performance.now();
    port.postMessage(share);
  };
  try {
    return await run({ signal: cancel.signal, progress });
  } finally {
    port.close();
  }
}

/** Returns the names of the outside stages that each file needs. */
export async function chooseStages(files: readonly OutsideFile[]): Promise<string[][]> {
  const outside = await outsideStages();
  return files.map((file) => stagesFor(outside, file));
}

let loading: Promise<LoadedStage[]> | undefined;

function outsideStages(): Promise<LoadedStage[]> {
  const { stageModules, checks } = workerData as ThreadData;
  loading ??= loadOutsideStages(stageModules).then((loaded) => [...loaded, ...checks.map(stageOfCheck)]);
  return loading;
}

export function runHashStep(step: HashStep): ReturnType<typeof hashStep> {
  return hashStep(step);
}

/** The two hashing tasks accept no cancel message. Cancelling them terminates their thread. */
export function runHashWhole(file: WholeFile): ReturnType<typeof hashWhole> {
  return hashWhole(file);
}

export function runReadManifest(file: ManifestFile): ReturnType<typeof readManifestFile> {
  return readManifestFile(file);
}
