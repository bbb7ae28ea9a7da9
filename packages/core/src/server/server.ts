/** Information about the hub for its owners. */
import { and, count, desc, eq, gt, isNotNull } from 'drizzle-orm';
import { mails } from '@turnover/db/schema/notifications';
import { mailFailuresShownMs, type ServerView } from '@turnover/domain/server/server';
import { describeClock } from './clock-trust.ts';
import type { PersonContext } from '../context.ts';

export function describeServer(ctx: PersonContext): ServerView {
  const waiting = eq(mails.status, 'waiting');
  const failed = and(eq(mails.status, 'failed'), gt(mails.nextAttemptAt, ctx.clock() - mailFailuresShownMs));
  const number = (where: typeof failed) =>
    ctx.db.select({ number: count() }).from(mails).where(where).get()?.number ?? 0;
  const lastError = (where: typeof failed) =>
    ctx.db
      .select({ text: mails.lastError })
      .from(mails)
      .where(and(where, isNotNull(mails.lastError)))
      .orderBy(desc(mails.nextAttemptAt))
      .limit(1)
      .get()?.text ?? null;
  return {
    mail: {
      configured: ctx.mail.configured,
      waiting: number(waiting),
      failed: number(failed),
      lastError: lastError(waiting) ?? lastError(failed),
    },
    untrustedProxies: [...(ctx.untrustedProxies ?? [])],
    clock: describeClock(ctx),
    isSpaceLow: ctx.storage.isSpaceLow(),
  };
}
