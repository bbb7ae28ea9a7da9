/** Notifications. They are written in the transaction of their cause, appear in the inbox, and may be sent by mail. */
import { and, count as countOf, desc, eq, gt, inArray, isNull, lt, sql } from 'drizzle-orm';
import type { z } from 'zod';
import type { Reader, Transaction } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { users } from '@turnover/db/schema/accounts';
import { notifications } from '@turnover/db/schema/notifications';
import { projects } from '@turnover/db/schema/projects';
import { dayMs } from '@turnover/domain/days';
import type { EventData } from '@turnover/domain/events';
import { gatherNoticesMs, notices } from '@turnover/domain/notification-table';
import {
  nextDailyMailAt,
  mailGatherMs,
  type listNotificationsInput,
  type markReadInput,
  type NotificationKind,
  type NotificationListView,
  type NotificationView,
} from '@turnover/domain/notifications';
import type { Context, PersonContext } from '../context.ts';
import { appendEvent } from '../events.ts';
import { inList } from '../in-list.ts';
import { enqueueNoLater } from '../jobs.ts';
import { mailChoiceOf } from './settings.ts';

/** `userId`: null for a person without an account, who gets only the mail. */
export type NewNotification = {
  userId: string | null;
  email: string;
  kind: NotificationKind;
  projectId: string | null;
  actorId: string | null;
  data: EventData;
};

type Tools = Pick<Context, 'clock' | 'newId'>;

/**
 * Writes the notification, queues its mail, and signals the person's pages. The table `notices` states whether the kind
 * replaces or joins earlier ones. Does nothing when the person caused it themselves.
 */
export function notify(tx: Transaction, ctx: Tools, given: NewNotification): void {
  const { kind, email, actorId } = given;
  if (given.userId !== null && given.userId === actorId) return;
  const { inApp, replaces = [], gathers = false } = notices[kind];
  const userId = inApp ? given.userId : null;
  const notification = { ...given, userId };
  if (userId !== null) {
    if (replaces.length > 0) deleteUnread(tx, userId, replaces, notification);
    if (gathers && joinUnread(tx, ctx, userId, notification)) return;
  }
  const mailDueAt = mailTimeOf(tx, ctx, notification);
  tx.insert(notifications)
    .values({ ...notification, id: ctx.newId('notification'), createdAt: ctx.clock(), mailDueAt })
    .run();
  if (userId) signalNotifications(tx, ctx, userId, actorId);
  if (mailDueAt !== null) {
    enqueueNoLater(tx, ctx, 'sendMails', { email }, { runAt: mailDueAt, dedupeKey: mailJobKey(email) });
  }
}

/** Condition: unread notifications of the person about the same request, or about no request. */
function unreadAbout(userId: string, { data: { requestId = null } }: NewNotification) {
  const isAbout = sql`json_extract(${notifications.data}, '$.requestId') is ${requestId}`;
  return and(eq(notifications.userId, userId), isNull(notifications.readAt), isAbout);
}

/** Deletes unread notifications, and with them their place in a mail that is not composed yet. */
function deleteUnread(
  tx: Transaction,
  userId: string,
  kinds: readonly NotificationKind[],
  successor: NewNotification,
): void {
  tx.delete(notifications)
    .where(and(unreadAbout(userId, successor), inArray(notifications.kind, [...kinds])))
    .run();
}

const maxNames = 3;

/**
 * Adds the names and the count to an unread notification of the last minutes about the same act. Returns false when there is
 * none.
 */
function joinUnread(tx: Transaction, ctx: Tools, userId: string, act: NewNotification): boolean {
  const sameAct = and(
    unreadAbout(userId, act),
    eq(notifications.kind, act.kind),
    sql`${notifications.projectId} is ${act.projectId}`,
    sql`${notifications.actorId} is ${act.actorId}`,
    gt(notifications.createdAt, ctx.clock() - gatherNoticesMs),
  );
  const present = tx.select().from(notifications).where(sameAct).limit(1).get();
  if (!present) return false;
  const names = [...new Set([...namesIn(present.data), ...namesIn(act.data)])].slice(0, maxNames);
  const count = Number(present.data.count) + Number(act.data.count);
  const data = { ...present.data, names, count };
  tx.update(notifications).set({ data }).where(eq(notifications.id, present.id)).run();
  signalNotifications(tx, ctx, userId, act.actorId);
  return true;
}

function namesIn({ names }: EventData): string[] {
  return Array.isArray(names) ? names : [];
}

/**
 * Updates unread and unmailed notifications of one kind and actor after their cause was undone. `revise` returns the new
 * data, or null to delete the notification. Returns the number of deleted ones.
 */
export function reviseUnseen(
  tx: Transaction,
  ctx: Tools,
  { userId, kind, projectId, actorId }: Omit<NewNotification, 'data' | 'email'> & { userId: string },
  revise: (data: EventData, createdAt: number) => EventData | null,
): number {
  const unseen = and(
    eq(notifications.userId, userId),
    isNull(notifications.readAt),
    isNull(notifications.mailId),
    eq(notifications.kind, kind),
    sql`${notifications.projectId} is ${projectId}`,
    sql`${notifications.actorId} is ${actorId}`,
  );
  let deleted = 0;
  for (const { id, data, createdAt } of tx.select().from(notifications).where(unseen).all()) {
    const revised = revise(data, createdAt);
    const one = eq(notifications.id, id);
    if (revised) tx.update(notifications).set({ data: revised }).where(one).run();
    else deleted += tx.delete(notifications).where(one).run().changes;
  }
  signalNotifications(tx, ctx, userId, actorId);
  return deleted;
}

/** Dedupe key of the mail job: there is one live job per address. */
export function mailJobKey(email: string): string {
  return `mail:${email}`;
}

/** The person's own notifications, newest first. */
export function listNotifications(
  ctx: PersonContext,
  { cursor, limit }: z.output<typeof listNotificationsInput>,
): NotificationListView {
  const rows = selectViews(ctx.db)
    .where(
      and(eq(notifications.userId, ctx.person.id), cursor == null ? undefined : lt(notifications.id, cursor)),
    )
    .orderBy(desc(notifications.id))
    .limit(limit + 1)
    .all();
  const page = rows.slice(0, limit);
  return {
    notifications: page.map(toView),
    unread: countUnread(ctx),
    nextCursor: rows.length > limit ? (page.at(-1)?.id ?? null) : null,
  };
}

/**
 * Marks the given notifications as read, or all when `notificationIds` is null. Ignores ids of other people's
 * notifications.
 */
export function markNotificationsRead(
  ctx: PersonContext,
  { notificationIds }: z.infer<typeof markReadInput>,
): void {
  inTransaction(ctx.db, (tx) => {
    const { changes } = tx
      .update(notifications)
      .set({ readAt: ctx.clock() })
      .where(
        and(
          eq(notifications.userId, ctx.person.id),
          isNull(notifications.readAt),
          notificationIds === null ? undefined : inList(notifications.id, notificationIds),
        ),
      )
      .run();
    if (changes > 0) signalNotifications(tx, ctx, ctx.person.id, ctx.person.id);
  });
}

/** Notifications stay in the inbox for half a year. */
const keptMs = 180 * dayMs;

/** Deletes one batch of old notifications, read or not, and returns their number. */
export function pruneNotifications(ctx: Context, limit = 500): number {
  const old = ctx.db
    .select({ id: notifications.id })
    .from(notifications)
    .where(and(isNull(notifications.mailDueAt), lt(notifications.createdAt, ctx.clock() - keptMs)))
    .limit(limit);
  return inTransaction(
    ctx.db,
    (tx) => tx.delete(notifications).where(inArray(notifications.id, old)).run().changes,
  );
}

/** When the notification is due by mail, in epoch milliseconds; null when the person wants no mail. */
function mailTimeOf(tx: Transaction, ctx: Tools, { userId, kind }: NewNotification): number | null {
  const now = ctx.clock();
  if (kind === 'account.reset' || kind === 'account.code') return now;
  if (userId === null) return now + mailGatherMs;
  if (isDisabled(tx, userId)) return null;
  const choice = notices[kind].mail === 'always' ? 'soon' : mailChoiceOf(tx, userId, kind);
  if (choice === 'never') return null;
  return choice === 'daily' ? nextDailyMailAt(now) : now + mailGatherMs;
}

function isDisabled(db: Reader, userId: string): boolean {
  const user = db.select({ disabledAt: users.disabledAt }).from(users).where(eq(users.id, userId)).get();
  return !user || user.disabledAt !== null;
}

function signalNotifications(
  tx: Transaction,
  ctx: Pick<Context, 'clock'>,
  userId: string,
  actorId: string | null,
): void {
  appendEvent(tx, ctx.clock, { kind: 'notification.changed', audienceId: userId, actorId });
}

/** The inbox shows "1000+" above this number, and the query stops counting there. */
const maxUnreadCounted = 1000;

function countUnread(ctx: PersonContext): number {
  const unread = ctx.db
    .select({ id: notifications.id })
    .from(notifications)
    .where(and(eq(notifications.userId, ctx.person.id), isNull(notifications.readAt)))
    .limit(maxUnreadCounted)
    .as('unread');
  return ctx.db.select({ number: countOf() }).from(unread).get()?.number ?? 0;
}

function selectViews(db: Reader) {
  return db
    .select({
      id: notifications.id,
      kind: notifications.kind,
      projectId: notifications.projectId,
      project: projects.name,
      actorId: notifications.actorId,
      actorName: users.name,
      data: notifications.data,
      createdAt: notifications.createdAt,
      readAt: notifications.readAt,
    })
    .from(notifications)
    .leftJoin(projects, eq(projects.id, notifications.projectId))
    .leftJoin(users, eq(users.id, notifications.actorId));
}

type Row = ReturnType<ReturnType<typeof selectViews>['all']>[number];

function toView({ actorId, actorName, ...rest }: Row): NotificationView {
  return {
    ...rest,
    actor: actorId !== null && actorName !== null ? { id: actorId, name: actorName } : null,
  };
}
