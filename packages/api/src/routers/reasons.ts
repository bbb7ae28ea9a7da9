/** The reasons a redelivery may be asked for, in the caller's language. */
import { z } from 'zod';
import { reasonCodes, reasons, reasonView } from '@turnover/domain/reasons';
import { localeSchema } from '@turnover/domain/locales';
import { reasonWords } from '../reason-words.ts';
import { signedIn } from '../procedures.ts';
import { t } from '../trpc.ts';

export const reasonsRouter = t.router({
  list: signedIn
    .input(z.object({ locale: localeSchema.optional() }).optional())
    .output(z.array(reasonView))
    .query(({ ctx, input }) => {
      const locale = input?.locale ?? ctx.hub.person.locale ?? 'en';
      return reasonCodes.map((code) => ({ code, ...reasons[code], ...reasonWords(code, locale) }));
    }),
});
