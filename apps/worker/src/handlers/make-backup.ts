/** Makes a backup of the database. */
import { makeBackup as make, recordFailure } from '@turnover/core/backups/make';
import type { Handler } from './handler.ts';

export const makeBackup: Handler<'makeBackup'> = {
  run: ({ ctx }, job, signal) => make(ctx, job, signal),
  giveUp(tx, ctx, job, reason) {
    ctx.log('error', 'backup.givenUp', { ...job.payload, reason });
    recordFailure(tx, ctx, job, 'interrupted');
  },
};
