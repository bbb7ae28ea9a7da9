/** What owners see of the hub itself. */
import { z } from 'zod';
import { clockView } from './clock.ts';

/** Mails that were given up are shown this long. */
export const mailFailuresShownMs = 7 * 24 * 3600_000;

export const serverView = z.object({
  mail: z.object({
    /** False without a mail server: people then get notifications in their inbox only. */
    configured: z.boolean(),
    waiting: z.number(),
    /** Given up within `mailFailuresShownMs`. */
    failed: z.number(),
    /** The last answer of the mail server to a mail that was not sent. */
    lastError: z.string().nullable(),
  }),
  /** Addresses of proxies that forward requests but are missing in TURNOVER_TRUSTED_PROXY. */
  untrustedProxies: z.array(z.string()),
  clock: clockView,
  /** True when the disk is full: no uploads are accepted, and the rest of the reserve is for the database. */
  isSpaceLow: z.boolean(),
});
export type ServerView = z.infer<typeof serverView>;
