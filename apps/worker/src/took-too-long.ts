/** A time limit has passed. A stage that is given up for it fails with this message as its code. */
import type { StageFailure } from '@turnover/domain/media/stages';

const tookTooLong: StageFailure = 'took_too_long';

export class TookTooLongError extends Error {
  constructor() {
    super(tookTooLong);
    this.name = 'TookTooLongError';
  }
}
