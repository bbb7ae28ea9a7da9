/** Findings pinned to a redelivery: answered, and ticked off in the next round. */
import { z } from 'zod';
import { answerPin, checkPin } from '@turnover/core/requests/redelivery/findings';
import { answerPinInput, checkPinInput } from '@turnover/domain/requests/findings';
import { onPin } from '../procedures.ts';
import { t } from '../trpc.ts';

export const pinsRouter = t.router({
  answer: onPin('request:answer')
    .input(answerPinInput)
    .output(z.void())
    .mutation(({ ctx, input }) => answerPin(ctx.hub, ctx.pin, input.answer, input.comment)),
  check: onPin('request:check')
    .input(checkPinInput)
    .output(z.void())
    .mutation(({ ctx, input }) => checkPin(ctx.hub, ctx.pin, input.checked)),
});
