/** The type of a stage: a function without a database that takes paths and facts and returns JSON. */
import { maxProblemsPerStage, type MediaProblem } from '@turnover/domain/media/media-problems';
import type { StageInput, StageReturn } from '@turnover/domain/media/stages';

export type StageIo = {
  /** Aborted when the outcome is no longer needed. Stages check it from time to time. */
  signal: AbortSignal;
  /** Reports progress as a number from 0 to 1. A stage may call it as often as it likes. */
  progress: (share: number) => void;
};

export type Stage = (input: StageInput, io: StageIo) => Promise<StageReturn>;

/** Returns the first problems of an outcome, and the number of all. */
export function countedProblems(problems: readonly MediaProblem[]) {
  return { problems: problems.slice(0, maxProblemsPerStage), problemCount: problems.length };
}
