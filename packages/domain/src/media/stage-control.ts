/** What people may do with a stage of a file, by what the stage is doing. Buttons and the service ask the same functions. */
import type { StageStatus, StageView } from './stages.ts';

export const stageActions = ['retryStage', 'skipStage', 'cancelStage'] as const;
export type StageAction = (typeof stageActions)[number];

/** `isFirst`: the file has no earlier stage that is not over. */
type StageState = Pick<StageView, 'stage' | 'status'> & { isFirst: boolean };

/** Nobody may set it aside: without it, nobody knows whether the stored bytes are those that were sent. */
export function isIndispensable(stage: string): boolean {
  return stage === 'checksum';
}

export function stageAllows(action: StageAction, { stage, status, isFirst }: StageState): boolean {
  if (action === 'retryStage') return status === 'failed';
  if (action === 'cancelStage') return isLive(status) && isFirst;
  return (isLive(status) || status === 'failed') && !isIndispensable(stage);
}

/** The actions that the stage at `position` of a file allows. */
export function actionsOfStage(
  stages: readonly Pick<StageView, 'stage' | 'status'>[],
  position: number,
): StageAction[] {
  const { stage, status } = stages[position]!;
  const isFirst = stages.findIndex((each) => isLive(each.status)) === position;
  return stageActions.filter((action) => stageAllows(action, { stage, status, isFirst }));
}

function isLive(status: StageStatus): boolean {
  return status === 'waiting' || status === 'running';
}
