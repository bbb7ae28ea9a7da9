/** What owners are told of the hub itself. */
import { z } from 'zod';
import { clockView } from './clock.ts';

/** Mails that were given up are told of so long. */
export const mailFailuresShownMs = 7 * 24 * 3600_000;

export const serverView = z.object({
  mail: z.object({
    /** False: there is no mail server, and people are told in their inbox alone. */
    configured: z.boolean(),
    waiting: z.number(),
    /** Given up within the last days. */
    failed: z.number(),
    /** What the mail server said last to a mail that has not gone. */
    lastError: z.string().nullable(),
  }),
  /** Addresses that forward requests for others and are missing in TURNOVER_TRUSTED_PROXY. */
  untrustedProxies: z.array(z.string()),
  clock: clockView,
  /** The disk is full: no uploads are taken, and what is left of a reserve is for the database. */
  isSpaceLow: z.boolean(),
});
export type ServerView = z.infer<typeof serverView>;
