/** The outbox for owners of the hub: which mails wait, were given up or were sent, and a mail to try the mail server. */
import { count, desc, eq } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { mails } from '@turnover/db/schema/notifications';
import { HubError } from '@turnover/domain/errors';
import {
  mailStates,
  maxListedMails,
  type MailState,
  type OutboxMailView,
  type OutboxView,
} from '@turnover/domain/server/outbox';
import type { PersonContext } from '../context.ts';
import { enqueueNoLater } from '../jobs.ts';
import { mailJobKey } from './inbox.ts';

export function describeOutbox({ db, mail }: PersonContext): OutboxView {
  const numberOf = (state: MailState) =>
    db.select({ number: count() }).from(mails).where(eq(mails.status, state)).get()!.number;
  return {
    configured: mail.configured,
    totals: Object.fromEntries(mailStates.map((state) => [state, numberOf(state)])) as OutboxView['totals'],
    mails: mailStates.flatMap((state) => latest(db, state)),
  };
}

function latest(db: Reader, state: MailState): OutboxMailView[] {
  return db
    .select()
    .from(mails)
    .where(eq(mails.status, state))
    .orderBy(desc(mails.nextAttemptAt), desc(mails.id))
    .limit(maxListedMails)
    .all()
    .map(({ id, to, attempts, createdAt, nextAttemptAt, sentAt, lastError }) => ({
      id,
      to,
      state,
      attempts,
      createdAt,
      at: sentAt ?? nextAttemptAt,
      error: lastError,
    }));
}

export type TestMail = { subject: string; text: string; html: string };

/** Queues a mail to the person themselves. Throws `unavailable` without a mail server, `conflict` while a mail to them waits. */
export function sendTestMail(ctx: PersonContext, words: TestMail): void {
  const { email } = ctx.person;
  if (!ctx.mail.configured) throw new HubError('unavailable', 'This hub sends no mail.');
  inTransaction(ctx.db, (tx) => {
    const before = tx
      .select({ status: mails.status })
      .from(mails)
      .where(eq(mails.to, email))
      .orderBy(desc(mails.createdAt), desc(mails.status))
      .limit(1)
      .get();
    // An address has at most one waiting mail.
    if (before?.status === 'waiting') {
      throw new HubError('conflict', 'A mail to you waits already. The list says why.');
    }
    const now = ctx.clock();
    tx.insert(mails)
      .values({
        ...words,
        id: ctx.newId('mail'),
        to: email,
        status: 'waiting',
        nextAttemptAt: now,
        createdAt: now,
      })
      .run();
    enqueueNoLater(tx, ctx, 'sendMails', { email }, { runAt: now, dedupeKey: mailJobKey(email) });
  });
}
