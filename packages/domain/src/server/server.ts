/** The state of the hub itself, for owners. */
import { z } from 'zod';
import { clockView } from './clock.ts';

/** How long mails that were given up are shown. */
export const mailFailuresShownMs = 7 * 24 * 3600_000;

export const serverView = z.object({
  mail: z.object({
    /** False without a mail server: people then get notifications only in their inbox. */
    configured: z.boolean(),
    waiting: z.number(),
    /** Mails that were given up within `mailFailuresShownMs`. */
    failed: z.number(),
    /** The last answer of the mail server to a rejected mail; null when there is none. */
    lastError: z.string().nullable(),
  }),
  /** Addresses of proxies that forward requests but are missing from TURNOVER_TRUSTED_PROXY. */
  untrustedProxies: z.array(z.string()),
  clock: clockView,
  /** True when the disk is nearly full: uploads are refused, and the rest of the reserve is kept for the database. */
  isSpaceLow: z.boolean(),
});
export type ServerView = z.infer<typeof serverView>;
