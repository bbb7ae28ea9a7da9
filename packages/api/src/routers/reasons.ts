/** Reasons for redeliveries, in the caller's language. Owners of the hub can edit them. */
import { z } from 'zod';
import {
  createReason,
  listReasons,
  orderReasons,
  updateReason,
} from '@turnover/core/requests/redelivery/reasons';
import {
  createReasonInput,
  orderReasonsInput,
  reasonView,
  updateReasonInput,
} from '@turnover/domain/requests/reasons';
import { localeSchema } from '@turnover/domain/locales';
import { reasonWordsIn } from '../reason-words.ts';
import { asOwner, signedIn } from '../procedures.ts';
import { t } from '../trpc.ts';

export const reasonsRouter = t.router({
  list: signedIn
    .input(z.object({ locale: localeSchema.optional() }).optional())
    .output(z.array(reasonView))
    .query(({ ctx, input }) =>
      listReasons(ctx.hub.db, reasonWordsIn(input?.locale ?? ctx.hub.person.locale)),
    ),
  create: asOwner
    .input(createReasonInput)
    .output(z.object({ code: z.string() }))
    .mutation(({ ctx, input }) => ({ code: createReason(ctx.hub, input) })),
  update: asOwner
    .input(updateReasonInput)
    .output(z.void())
    .mutation(({ ctx, input }) => updateReason(ctx.hub, input)),
  order: asOwner
    .input(orderReasonsInput)
    .output(z.void())
    .mutation(({ ctx, input }) => orderReasons(ctx.hub, input.codes)),
});
