/** The mails of the hub as its owners see them. Subjects and texts are missing: they name deliveries. */
import { z } from 'zod';

export const mailStates = ['waiting', 'failed', 'sent'] as const;
export type MailState = (typeof mailStates)[number];

/** The most mails of each state that are listed. */
export const maxListedMails = 100;

export const outboxMailView = z.object({
  id: z.string(),
  to: z.string(),
  state: z.enum(mailStates),
  attempts: z.number(),
  createdAt: z.number(),
  /** When it is tried next, was given up, or was sent. */
  at: z.number(),
  /** The last answer of the mail server to a mail that it did not take; null without one. */
  error: z.string().nullable(),
});
export type OutboxMailView = z.infer<typeof outboxMailView>;

export const outboxView = z.object({
  /** False without a mail server. */
  configured: z.boolean(),
  totals: z.record(z.enum(mailStates), z.number()),
  /** Those that wait first, then those that were given up, then those that were sent; of each the latest. */
  mails: z.array(outboxMailView),
});
export type OutboxView = z.infer<typeof outboxView>;
