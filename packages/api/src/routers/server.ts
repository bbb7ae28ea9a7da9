/** The hub itself, for its owners. */
import { describeServer } from '@turnover/core/server';
import { serverView } from '@turnover/domain/server';
import { asOwner } from '../procedures.ts';
import { t } from '../trpc.ts';

export const serverRouter = t.router({
  get: asOwner.output(serverView).query(({ ctx }) => describeServer(ctx.hub)),
});
