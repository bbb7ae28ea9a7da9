/** What a stage is: a function without a database. Paths and facts go in, JSON comes out. */
import type { StageInput, StageOutcome } from '@turnover/domain/media/stages';

export type StageIo = {
  /** Aborted when nobody wants the outcome any more; a stage looks at it now and then. */
  signal: AbortSignal;
  /** From 0 to 1, as often as is convenient for the stage. */
  progress: (share: number) => void;
};

export type Stage = (input: StageInput, io: StageIo) => Promise<StageOutcome>;
