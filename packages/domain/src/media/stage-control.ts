/**
 * What people may do with a stage of a file, depending on its status. Buttons and the service call the same functions.
 */
import { z } from 'zod';
import { stageText } from './stage-words.ts';
import { stageModes, type StageSkipReason, type StageStatus, type StageView } from './stages.ts';

export const stageActions = ['retryStage', 'skipStage', 'cancelStage'] as const;
export type StageAction = (typeof stageActions)[number];

type OneStage = Pick<StageView, 'stage' | 'status' | 'skipReason' | 'informs'>;
/** `isFirst`: all earlier stages of the file are over. `othersPassed`: no other stage of the file is live or holds it. */
type StageState = OneStage & { isFirst: boolean; othersPassed: boolean };

/** Skip reasons that may no longer apply at a new attempt. The other reasons lie in the file itself. */
const passingSkips: readonly string[] = [
  'no_space',
  'preview_too_slow',
  'no_memory',
  'needs_ffmpeg',
  'measuring_needs_ffmpeg',
  'measuring_too_slow',
  'not_installed',
  'by_person',
] satisfies StageSkipReason[];

/**
 * Returns true for a stage that nobody may skip: without the checksum, nobody knows whether the stored bytes are those
 * that were sent.
 */
export function isIndispensable(stage: string): boolean {
  return stage === 'checksum';
}

function stageAllows(action: StageAction, state: StageState): boolean {
  const { stage, status, skipReason, informs, isFirst, othersPassed } = state;
  if (action === 'retryStage') {
    const isPassing = status === 'skipped' && passingSkips.includes(skipReason ?? '');
    return holds({ status, informs }) || ((isPassing || status === 'failed') && othersPassed);
  }
  if (action === 'cancelStage') return isLive(status) && isFirst;
  return (isLive(status) || status === 'failed') && !isIndispensable(stage);
}

/** Returns the actions that the stage at `position` of a file allows. `stages` may leave out stages that are done. */
export function actionsOfStage(stages: readonly OneStage[], position: number): StageAction[] {
  const isFirst = stages.findIndex((each) => isLive(each.status)) === position;
  const othersPassed = stages.every((each, at) => at === position || (!isLive(each.status) && !holds(each)));
  return stageActions.filter((action) =>
    stageAllows(action, { ...stages[position]!, isFirst, othersPassed }),
  );
}

/** Whether the file has failed with this stage. */
export function holds({ status, informs }: Pick<StageView, 'status' | 'informs'>): boolean {
  return status === 'failed' && !informs;
}

export function isLive(status: StageStatus): boolean {
  return status === 'waiting' || status === 'running';
}

/** The stages of several files that can be tried again or skipped, and the number of files for each action. */
export const treatableStagesView = z.array(
  z.object({
    stage: z.string(),
    mode: z.enum(stageModes),
    /** The name of an external stage; null for a built-in one. */
    name: stageText.nullable(),
    retry: z.number(),
    skip: z.number(),
  }),
);
export type TreatableStagesView = z.infer<typeof treatableStagesView>;

/** `files`: the number of files that were treated. The stages of the others had changed meanwhile. */
export const treatedStagesView = z.object({ files: z.number() });
