/**
 * Composes mails. All due notifications of an address become one mail, and letters another, in the transaction that marks
 * them as mailed. An address has at most one waiting mail; later notifications go into the next one.
 */
import {
  and,
  asc,
  count,
  desc,
  eq,
  gt,
  inArray,
  isNotNull,
  lte,
  min,
  ne,
  notInArray,
  sql,
  type SQL,
} from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { mails, notifications } from '@turnover/db/schema/notifications';
import { projects } from '@turnover/db/schema/projects';
import type { EventData } from '@turnover/domain/events';
import type { Locale } from '@turnover/domain/locales';
import {
  alarmKinds,
  floodLimit,
  floodWindowMs,
  mailGatherMs,
  isLetter,
  letterKinds,
  notificationKinds,
  type LetterKind,
  type MailSecrets,
  type NotificationKind,
} from '@turnover/domain/notifications';
import { findUser } from '../people/accounts.ts';
import type { Context } from '../context.ts';
import { complete, reschedule, underLease } from '../jobs.ts';
import { newSecret } from '../secrets.ts';
import type { Mail, MailJob } from './mails.ts';

export type MailedNotification = {
  kind: NotificationKind;
  project: string | null;
  actor: string | null;
  data: EventData;
};
export type MailBatch = {
  /**
   * The recipient's language. Without an account, the language of the person who wrote to them; null when neither has chosen
   * one.
   */
  locale: Locale | null;
  hasAccount: boolean;
  /** Sorted oldest first. */
  notifications: MailedNotification[];
  /** The number of notifications that the mail does not list. */
  more: number;
};
export type Compose = (batch: MailBatch) => { subject: string; text: string; html: string };

const urgentKinds: readonly LetterKind[] = ['account.reset', 'account.code'];
/** Kinds that are no letters. They get mails of their own: a letter whose secret has become useless is not sent at all. */
const newsKinds = notificationKinds.filter((kind) => !isLetter(kind));
/** The most notifications that a mail lists. For the rest it gives only their number. */
const maxListed = 50;

/** Composes the mail that is due for this address. Returns null and completes the job when nothing is due. */
export function nextMail(ctx: Context, job: MailJob, compose: Compose): Mail | null {
  const { email } = job.payload;
  const now = ctx.clock();
  return underLease(ctx.db, job, (tx) => {
    const before = latestMail(tx, email);
    if (before?.status === 'waiting') {
      if (before.nextAttemptAt <= now) return before;
      reschedule(tx, job, before.nextAttemptAt);
      return null;
    }
    if (isDisabled(tx, email)) dropDue(tx, email);
    const dueAt = nextDueAt(tx, email);
    if (dueAt === null) {
      complete(tx, ctx, job);
      return null;
    }
    const urgentAt = nextDueAt(tx, email, urgentKinds);
    // Urgent kinds (links and codes) skip the flood limit and get a mail of their own, so that other mails do not delay them.
    if (urgentAt !== null && urgentAt <= now) return composeNext(tx, ctx, email, compose, urgentKinds);
    // Alarms skip it as well: a stranger can cause enough mails to delay them. They come gathered.
    const alarmAt = nextDueAt(tx, email, alarmKinds);
    if (alarmAt !== null && alarmAt <= now) return composeNext(tx, ctx, email, compose, alarmKinds);
    const earliest = Math.max(dueAt, floodEndsAt(tx, email, now) ?? 0);
    if (earliest <= now) {
      const letterAt = nextDueAt(tx, email, letterKinds);
      return composeNext(
        tx,
        ctx,
        email,
        compose,
        letterAt !== null && letterAt <= now ? letterKinds : newsKinds,
      );
    }
    if (earliest > dueAt) putOff(tx, email, earliest);
    reschedule(tx, job, Math.min(earliest, alarmAt ?? earliest));
    return null;
  });
}

export function hasWaitingMail(db: Reader, email: string): boolean {
  return latestMail(db, email)?.status === 'waiting';
}

/**
 * Discards the due mails of an address and completes the job. For hubs without a mail server, where people use only the
 * inbox.
 */
export function dropMails(ctx: Context, job: MailJob): void {
  underLease(ctx.db, job, (tx) => {
    dropDue(tx, job.payload.email);
    complete(tx, ctx, job);
  });
}

function latestMail(db: Reader, email: string): Mail | undefined {
  return (
    db
      .select()
      .from(mails)
      .where(eq(mails.to, email))
      // Prefers the waiting mail among mails of the same millisecond.
      .orderBy(desc(mails.createdAt), desc(mails.status))
      .limit(1)
      .get()
  );
}

function isDisabled(db: Reader, email: string): boolean {
  const user = findUser(db, email);
  return user !== undefined && user.disabledAt !== null;
}

function nextDueAt(db: Reader, email: string, kinds?: readonly NotificationKind[]): number | null {
  return (
    db
      .select({ at: min(notifications.mailDueAt) })
      .from(notifications)
      .where(and(dueOf(email), kinds && inArray(notifications.kind, [...kinds])))
      .get()?.at ?? null
  );
}

/** When the address may get its next mail, in epoch milliseconds; null when it has not reached the limit. */
function floodEndsAt(db: Reader, email: string, now: number): number | null {
  const recent = db
    .select({ createdAt: mails.createdAt })
    .from(mails)
    .where(and(eq(mails.to, email), ne(mails.status, 'failed'), gt(mails.createdAt, now - floodWindowMs)))
    .orderBy(desc(mails.createdAt))
    .limit(floodLimit)
    .all();
  return recent.length < floodLimit ? null : recent.at(-1)!.createdAt + floodWindowMs;
}

function composeNext(
  tx: Transaction,
  ctx: Context,
  email: string,
  compose: Compose,
  kinds: readonly NotificationKind[],
): Mail {
  // Includes notifications that become due within a moment, because they belong to the same batch.
  const due = and(
    dueOf(email),
    lte(notifications.mailDueAt, ctx.clock() + mailGatherMs),
    inArray(notifications.kind, [...kinds]),
  )!;
  const total = tx.select({ number: count() }).from(notifications).where(due).get()?.number ?? 0;
  const rows = readDue(tx, due);
  const user = findUser(tx, email);
  const actorLocale = rows.find((row) => row.actorLocale !== null)?.actorLocale ?? null;
  const secrets: MailSecrets = {};
  const batch: MailBatch = {
    locale: user ? user.locale : actorLocale,
    hasAccount: user !== undefined,
    notifications: rows.map(({ kind, project, actor, data }) => ({
      kind,
      project,
      actor,
      data: { ...data, ...placeholderOf(kind, data, secrets) },
    })),
    more: total - rows.length,
  };
  const now = ctx.clock();
  const mail = tx
    .insert(mails)
    .values({
      ...compose(batch),
      id: ctx.newId('mail'),
      to: email,
      status: 'waiting',
      nextAttemptAt: now,
      createdAt: now,
      secrets: Object.keys(secrets).length > 0 ? secrets : null,
    })
    .returning()
    .get();
  tx.update(notifications).set({ mailId: mail.id, mailDueAt: null }).where(due).run();
  return mail;
}

/**
 * Replaces a secret by a random placeholder. It is generated when the mail is composed, so that nobody can write a
 * placeholder into a note.
 */
function placeholderOf(kind: NotificationKind, data: EventData, secrets: MailSecrets): EventData {
  if (!isLetter(kind)) return {};
  const placeholder = newSecret();
  const { invitationId, userId } = data as { invitationId?: string; userId?: string };
  secrets[placeholder] = { kind, ...(invitationId && { invitationId }), ...(userId && { userId }) };
  if (kind === 'account.code') return { code: placeholder };
  return { href: `/${kind === 'account.reset' ? 'reset' : 'invitation'}/${placeholder}` };
}

type DueRow = MailedNotification & { actorLocale: Locale | null };

function readDue(db: Reader, due: SQL): DueRow[] {
  return (
    db
      .select({
        kind: notifications.kind,
        project: projects.name,
        actor: users.name,
        actorLocale: users.locale,
        data: notifications.data,
      })
      .from(notifications)
      .leftJoin(projects, eq(projects.id, notifications.projectId))
      .leftJoin(users, eq(users.id, notifications.actorId))
      .where(due)
      // Sorts by rowid too, because ids of the same millisecond are not in order.
      .orderBy(asc(notifications.createdAt), sql`${notifications}.rowid`)
      .limit(maxListed)
      .all()
  );
}

function putOff(tx: Transaction, email: string, until: number): void {
  tx.update(notifications)
    .set({ mailDueAt: until })
    .where(
      and(dueOf(email), lte(notifications.mailDueAt, until), notInArray(notifications.kind, [...alarmKinds])),
    )
    .run();
}

function dropDue(tx: Transaction, email: string): void {
  tx.update(notifications).set({ mailDueAt: null }).where(dueOf(email)).run();
}

function dueOf(email: string) {
  return and(eq(notifications.email, email), isNotNull(notifications.mailDueAt));
}
