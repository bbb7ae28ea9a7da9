/** Rounds of a request and their comparison. */
import { compare, listRounds } from '@turnover/core/requests/rounds';
import { compareRoundsInput, roundListView, roundsComparisonView } from '@turnover/domain/requests/rounds';
import { onRequest } from '../procedures.ts';
import { t } from '../trpc.ts';

export const roundsRouter = t.router({
  list: onRequest('request:view')
    .output(roundListView)
    .query(({ ctx }) => listRounds(ctx.hub, ctx.request)),
  compare: onRequest('request:view')
    .input(compareRoundsInput)
    .output(roundsComparisonView)
    .query(({ ctx, input }) => compare(ctx.hub, ctx.request, input)),
});
