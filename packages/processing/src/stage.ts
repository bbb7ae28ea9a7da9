/** The type of a stage: a function without a database that takes paths and facts and returns JSON. */
import type { StageInput, StageReturn } from '@turnover/domain/media/stages';

export type StageIo = {
  /** Aborted when the outcome is no longer wanted. Stages check it from time to time. */
  signal: AbortSignal;
  /** Takes a number from 0 to 1. A stage may call it as often as it likes. */
  progress: (share: number) => void;
};

export type Stage = (input: StageInput, io: StageIo) => Promise<StageReturn>;
