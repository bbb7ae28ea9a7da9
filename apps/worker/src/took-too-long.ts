/** Thrown when a time limit has passed. Its message becomes the failure code of a stage that is given up. */
import type { StageFailure } from '@turnover/domain/media/stages';

const tookTooLong: StageFailure = 'took_too_long';

export class TookTooLongError extends Error {
  constructor() {
    super(tookTooLong);
    this.name = 'TookTooLongError';
  }
}
