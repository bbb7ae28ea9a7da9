/** Findings of a redelivery: partners answer them, reviewers resolve them in the next round. */
import { z } from 'zod';
import { answerFinding, checkFinding } from '@turnover/core/requests/redelivery/findings';
import { answerFindingInput, checkFindingInput } from '@turnover/domain/requests/findings';
import { onFinding } from '../procedures.ts';
import { t } from '../trpc.ts';

export const findingsRouter = t.router({
  answer: onFinding('answer')
    .input(answerFindingInput)
    .output(z.void())
    .mutation(({ ctx, input }) => answerFinding(ctx.hub, ctx.finding, input.answer, input.comment)),
  check: onFinding('check')
    .input(checkFindingInput)
    .output(z.void())
    .mutation(({ ctx, input }) => checkFinding(ctx.hub, ctx.finding, input.checked)),
});
