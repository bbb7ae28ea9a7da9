/** The outbox. A mail composed by `next-mail.ts` is retried until the mail server accepts it; then its text is deleted. */
import { and, eq, inArray, isNotNull, lt, min } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { mails, notifications } from '@turnover/db/schema/notifications';
import { dayMs } from '@turnover/domain/days';
import { mailBackOffMs, mailGiveUpMs, type MailSecrets } from '@turnover/domain/notifications';
import type { Context } from '../context.ts';
import { newMailedCode } from '../people/email-proof.ts';
import { newMailedInvitation, recordInvitationMail } from '../projects/invitations.ts';
import { enqueueNoLater, underLease, type Job } from '../jobs.ts';
import { newMailedReset } from '../people/links.ts';
import { mailJobKey } from './inbox.ts';

export type MailJob = Extract<Job, { kind: 'sendMails' }>;
export type Mail = typeof mails.$inferSelect;

/**
 * Creates the secrets of a mail and puts them in place of the placeholders. Secrets are never stored, so each attempt creates
 * new ones. Returns null when all secrets have become useless, for example because the invitation was withdrawn.
 */
export function withSecrets(ctx: Context, job: MailJob, mail: Mail): Mail | null {
  const { secrets } = mail;
  if (secrets === null) return mail;
  return underLease(ctx.db, job, (tx) => {
    const made = Object.entries(secrets).map(([placeholder, secret]) => ({
      placeholder,
      text: newMailedSecret(tx, ctx, secret),
    }));
    // While some link in the mail still works, a useless link stays in the text without effect.
    if (made.every(({ text }) => text === null)) return null;
    const filled = (body: string) =>
      made.reduce((all, { placeholder, text }) => all.replaceAll(placeholder, text ?? ''), body);
    return { ...mail, text: filled(mail.text), html: filled(mail.html) };
  });
}

function newMailedSecret(
  tx: Transaction,
  ctx: Context,
  { kind, invitationId = '', userId = '' }: MailSecrets[string],
): string | null {
  if (kind === 'account.invitation') return newMailedInvitation(tx, ctx, invitationId);
  return kind === 'account.reset' ? newMailedReset(tx, ctx, userId) : newMailedCode(tx, ctx, userId);
}

/** Records the mail state in its invitations, whose list shows it. */
function recordInInvitations(tx: Transaction, { secrets }: Mail, state: 'sent' | 'failed'): void {
  for (const { invitationId } of Object.values(secrets ?? {})) {
    if (invitationId) recordInvitationMail(tx, invitationId, state);
  }
}

/** Deletes the text of a sent mail: it is no longer needed and may contain a private note. */
export function recordMailSent(ctx: Context, job: MailJob, mail: Mail): void {
  const sent = { status: 'sent', sentAt: ctx.clock(), attempts: mail.attempts + 1, lastError: null } as const;
  underLease(ctx.db, job, (tx) => {
    tx.update(mails)
      .set({ ...sent, text: '', html: '' })
      .where(and(eq(mails.id, mail.id), eq(mails.status, 'waiting')))
      .run();
    recordInInvitations(tx, mail, 'sent');
  });
}

export type MailFailure = { message: string; isPermanent: boolean };

/**
 * Retries later, or gives up when the server refuses the recipient or after several days. `random` in [0, 1) spreads the
 * retries. Returns the new status of the mail.
 */
export function recordMailFailure(
  ctx: Context,
  job: MailJob,
  mail: Mail,
  failure: MailFailure,
  random: number,
): 'waiting' | 'failed' {
  const now = ctx.clock();
  const attempts = mail.attempts + 1;
  const isOver = failure.isPermanent || now - mail.createdAt >= mailGiveUpMs;
  const status = isOver ? 'failed' : 'waiting';
  const nextAttemptAt = isOver ? now : now + mailBackOffMs(attempts, random);
  underLease(ctx.db, job, (tx) => {
    tx.update(mails)
      .set({
        status,
        attempts,
        nextAttemptAt,
        lastError: failure.message,
        ...(isOver && { text: '', html: '' }),
      })
      .where(and(eq(mails.id, mail.id), eq(mails.status, 'waiting')))
      .run();
    if (isOver) recordInInvitations(tx, mail, 'failed');
  });
  return status;
}

/** Owners can see for this long whether a mail was sent. */
const settledKeptMs = 30 * dayMs;

/** Deletes one batch of mails that were sent or given up, and returns their number. */
export function pruneMails(ctx: Context, limit = 500): number {
  const old = ctx.db
    .select({ id: mails.id })
    .from(mails)
    .where(
      and(inArray(mails.status, ['sent', 'failed']), lt(mails.nextAttemptAt, ctx.clock() - settledKeptMs)),
    )
    .limit(limit);
  return inTransaction(ctx.db, (tx) => {
    tx.update(notifications).set({ mailId: null }).where(inArray(notifications.mailId, old)).run();
    return tx.delete(mails).where(inArray(mails.id, old)).run().changes;
  });
}

/**
 * Queues jobs for due notifications and waiting mails without a job: after a job was given up, or after a mail server was set
 * up again.
 */
export function resumeMails(ctx: Context): void {
  const limit = 10_000;
  inTransaction(ctx.db, (tx) => {
    const due = tx
      .select({ email: notifications.email, at: min(notifications.mailDueAt) })
      .from(notifications)
      .where(isNotNull(notifications.mailDueAt))
      .groupBy(notifications.email)
      .limit(limit)
      .all();
    const waiting = tx
      .select({ email: mails.to, at: mails.nextAttemptAt })
      .from(mails)
      .where(eq(mails.status, 'waiting'))
      .limit(limit)
      .all();
    for (const { email, at } of [...due, ...waiting]) {
      enqueueNoLater(tx, ctx, 'sendMails', { email }, { runAt: at ?? 0, dedupeKey: mailJobKey(email) });
    }
  });
}
