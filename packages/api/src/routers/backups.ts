/** Backups of the database, for owners of the hub. */
import { z } from 'zod';
import { listBackups } from '@turnover/core/backups/list';
import { backUpNow } from '@turnover/core/backups/queue';
import { orderRestore } from '@turnover/core/backups/restores';
import { backUpNowView, backupsView, restoreInput } from '@turnover/domain/server/backups';
import { asOwner } from '../procedures.ts';
import { t } from '../trpc.ts';

export const backupsRouter = t.router({
  /** Lists the backups, and the attempts that failed. */
  list: asOwner.output(backupsView).query(({ ctx }) => listBackups(ctx.hub)),
  /** Asks the worker for a backup. */
  make: asOwner.output(backUpNowView).mutation(({ ctx }) => backUpNow(ctx.hub)),
  /** Stops the hub, restores the backup, and starts the hub again. Everybody is signed out. */
  restore: asOwner
    .input(restoreInput)
    .output(z.void())
    .mutation(({ ctx, input }) => orderRestore(ctx.hub, input)),
});
