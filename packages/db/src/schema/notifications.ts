import { sql } from 'drizzle-orm';
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { EventData } from '@turnover/domain/events';
import type { MailChoice, MailSecrets, NotificationKind } from '@turnover/domain/notifications';
import { at, id } from '../columns.ts';
import { users } from './accounts.ts';
import { projects } from './projects.ts';

/** A notification for one person: in the inbox, and by mail if they want that. */
export const notifications = sqliteTable(
  'notifications',
  {
    id: id(),
    /** Null for a person without an account, who gets only the mail. */
    userId: text('user_id').references(() => users.id),
    email: text('email').notNull(),
    kind: text('kind').$type<NotificationKind>().notNull(),
    projectId: text('project_id').references(() => projects.id),
    actorId: text('actor_id').references(() => users.id),
    data: text('data', { mode: 'json' }).$type<EventData>().notNull(),
    createdAt: at('created_at').notNull(),
    readAt: at('read_at'),
    /** The earliest time to send it by mail; null when it is not mailed or was sent. */
    mailDueAt: at('mail_due_at'),
    mailId: text('mail_id').references(() => mails.id),
  },
  (table) => [
    index('notifications_of_person').on(table.userId, table.id),
    index('notifications_by_age').on(table.createdAt),
    index('notifications_in_mail')
      .on(table.mailId)
      .where(sql`${table.mailId} is not null`),
    index('notifications_unread')
      .on(table.userId)
      .where(sql`${table.readAt} is null`),
    index('notifications_to_mail')
      .on(table.email, table.mailDueAt)
      .where(sql`${table.mailDueAt} is not null`),
  ],
);

export const notificationChoices = sqliteTable(
  'notification_choices',
  {
    userId: text('user_id')
      .notNull()
      .references(() => users.id),
    kind: text('kind').$type<NotificationKind>().notNull(),
    mail: text('mail').$type<MailChoice>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.kind] })],
);

/** The outbox: every mail, retried until the mail server accepts it. */
export const mails = sqliteTable(
  'mails',
  {
    id: id(),
    to: text('to').notNull(),
    subject: text('subject').notNull(),
    text: text('text').notNull(),
    html: text('html').notNull(),
    /** Placeholders in the text for secrets, which are created when the mail is sent. */
    secrets: text('secrets', { mode: 'json' }).$type<MailSecrets>(),
    status: text('status').$type<'waiting' | 'sent' | 'failed'>().notNull(),
    attempts: integer('attempts').notNull().default(0),
    nextAttemptAt: at('next_attempt_at').notNull(),
    lastError: text('last_error'),
    createdAt: at('created_at').notNull(),
    sentAt: at('sent_at'),
  },
  (table) => [
    index('mails_by_status').on(table.status, table.nextAttemptAt),
    index('mails_to').on(table.to, table.createdAt),
  ],
);
