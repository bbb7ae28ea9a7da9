/** Runs external stages in a pool thread. Nothing leaves the thread before its size and shape are checked. */
import {
  outsideOutcome,
  type OutsideFile,
  type OutsideOutcome,
  type OutsideStage,
} from '@turnover/domain/media/outside-stages';
import type { StageInput } from '@turnover/domain/media/stages';
import { lastSegment } from '@turnover/domain/names/names';
import type { StageIo } from '../stage.ts';
import type { LoadedStage } from './load.ts';

/**
 * Returns the stages for a file. A stage whose `appliesTo` throws is included, so that its run fails where people see
 * it.
 */
export function stagesFor(stages: readonly LoadedStage[], file: OutsideFile): string[] {
  return stages.filter((stage) => applies(stage, file)).map(({ name }) => name);
}

export async function runOutsideStage(
  stages: readonly LoadedStage[],
  name: string,
  input: StageInput,
  io: StageIo,
): Promise<OutsideOutcome> {
  const stage = stages.find((each) => each.name === name);
  if (!stage) return { kind: 'skipped', reason: 'not_installed' };
  const { path, sizeBytes, mediaKind: kind } = input;
  const file = { name: lastSegment(input.name), kind, sizeBytes };
  // Throws again for a stage that was included because it threw.
  stage.appliesTo({ ...file });
  const progress = (share: number) => {
    if (Number.isFinite(share)) io.progress(Math.min(1, Math.max(0, share)));
  };
  return checkOutcome(stage, await stage.run({ ...file, path }, { signal: io.signal, progress }));
}

function applies(stage: LoadedStage, file: OutsideFile): boolean {
  try {
    return Boolean(stage.appliesTo({ ...file }));
  } catch {
    return true;
  }
}

function checkOutcome(stage: OutsideStage, returned: unknown): OutsideOutcome {
  const result = outsideOutcome.safeParse(returned);
  if (!result.success) {
    const { path, message } = result.error.issues[0]!;
    throw new Error(`${stage.name} returned an invalid outcome: ${path.join('.')} ${message}`);
  }
  const outcome = result.data;
  if (outcome.kind === 'failed') requireWords(stage, 'failures', outcome.failure);
  if (outcome.kind === 'skipped' && outcome.reason !== 'empty_file')
    requireWords(stage, 'skips', outcome.reason);
  return outcome;
}

function requireWords(stage: OutsideStage, table: 'failures' | 'skips', code: string): void {
  if (!Object.hasOwn(stage[table], code))
    throw new Error(`${stage.name} returned ${code}, for which it has no words in ${table}.`);
}
