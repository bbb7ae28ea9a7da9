/** The kinds of notifications, and when their mails go out. `notification-table.ts` says who gets each of them. */
import { z } from 'zod';
import { dayMs } from './days.ts';
import { eventDataSchema } from './events.ts';

export const notificationKinds = [
  'share.received',
  'share.reminder',
  'share.ending',
  'share.ended',
  'entry.deleted',
  'entry.renamed',
  'retention.warning',
  'retention.asked',
  'retention.granted',
  'retention.declined',
  'request.assigned',
  'request.dueSoon',
  'request.reminder',
  'request.submitted',
  'request.processed',
  'request.redelivery',
  'request.accepted',
  'request.reopened',
  'request.cancelled',
  'request.restored',
  'request.promised',
  'request.overridden',
  'request.comment',
  'upload.idle',
  'upload.discarded',
  'share.joined',
  'account.passwordChanged',
  'account.newDevice',
  'account.secondFactor',
  'account.passkeyCopied',
  'account.invitation',
  'account.reset',
  'account.code',
  'storage.stopped',
  'storage.damaged',
  'clock.distrusted',
  'backup.failed',
] as const;
export type NotificationKind = (typeof notificationKinds)[number];
export const notificationKindSchema = z.enum(notificationKinds);

/** Kinds that carry a secret to one address: they are sent only by mail, at once, and nobody can turn them off. */
export const letterKinds = ['account.invitation', 'account.reset', 'account.code'] as const;
export type LetterKind = (typeof letterKinds)[number];

export function isLetter(kind: NotificationKind): kind is LetterKind {
  return (letterKinds as readonly NotificationKind[]).includes(kind);
}

/**
 * Kinds that tell a person of what somebody else may do with their account. Nobody can turn their mails off or delay them: who
 * took over the account would do that first.
 */
export const alarmKinds = [
  'account.passwordChanged',
  'account.newDevice',
  'account.secondFactor',
  'account.passkeyCopied',
] as const;
export type AlarmKind = (typeof alarmKinds)[number];

export function isAlarm(kind: NotificationKind): kind is AlarmKind {
  return (alarmKinds as readonly NotificationKind[]).includes(kind);
}

/** The secrets that replace the placeholders of a mail; they are created when it is sent. */
export type MailSecrets = Record<string, { kind: LetterKind; invitationId?: string; userId?: string }>;

/** `soon`: within a minute, together with others of that minute. `daily`: once a day, all in one mail. */
export const mailChoices = ['soon', 'daily', 'never'] as const;
export type MailChoice = (typeof mailChoices)[number];
export const defaultMailChoice: MailChoice = 'soon';

/** A mail waits this long for further notifications of the same batch. */
export const mailGatherMs = 20_000;
/** The hour of the day, in UTC, at which daily mails go out. */
const dailyMailHour = 7;

/** The next time at which daily mails go out; always after `now`. */
export function nextDailyMailAt(now: number): number {
  const today = Math.floor(now / dayMs) * dayMs + dailyMailHour * 3600_000;
  return today > now ? today : today + dayMs;
}

/** An address that receives this many mails within an hour gets the rest in one mail at the end of that hour. */
export const floodLimit = 5;
export const floodWindowMs = 3600_000;

/** Sending a mail is given up after this time. */
export const mailGiveUpMs = 3 * dayMs;

/**
 * Milliseconds to wait after the n-th failed attempt: full jitter with `random` in [0, 1), under a maximum that
 * doubles.
 */
export function mailBackOffMs(attempts: number, random: number): number {
  const roof = Math.min(3600_000, 30_000 * 2 ** Math.max(0, attempts - 1));
  return Math.round(roof * random);
}

export const notificationView = z.object({
  id: z.string(),
  kind: notificationKindSchema,
  projectId: z.string().nullable(),
  project: z.string().nullable(),
  actor: z.object({ id: z.string(), name: z.string() }).nullable(),
  /** Names and counts for the sentence; `href` is the page that it links to. */
  data: eventDataSchema,
  createdAt: z.number(),
  readAt: z.number().nullable(),
});
export type NotificationView = z.infer<typeof notificationView>;

export const listNotificationsInput = z.object({
  cursor: z.string().max(100).nullish(),
  limit: z.number().int().min(1).max(100).default(30),
});
export const notificationListView = z.object({
  notifications: z.array(notificationView),
  unread: z.number(),
  nextCursor: z.string().nullable(),
});
export type NotificationListView = z.infer<typeof notificationListView>;

/** The notifications to mark; null for all of them. */
export const markReadInput = z.object({ notificationIds: z.array(z.string().max(40)).max(500).nullable() });

export const notificationSettingsView = z.array(
  z.object({ kind: notificationKindSchema, mail: z.enum(mailChoices) }),
);
export const updateNotificationSettingsInput = z.object({
  kind: notificationKindSchema,
  mail: z.enum(mailChoices),
});
