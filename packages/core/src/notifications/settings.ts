/** Which notifications a person wants by mail, and how soon. */
import { and, eq } from 'drizzle-orm';
import type { z } from 'zod';
import type { Reader } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { notificationChoices } from '@turnover/db/schema/notifications';
import {
  defaultMailChoice,
  notificationKinds,
  type MailChoice,
  type NotificationKind,
  type notificationSettingsView,
  type updateNotificationSettingsInput,
} from '@turnover/domain/notifications';
import { notices } from '@turnover/domain/notification-table';
import type { PersonContext } from '../context.ts';
import { signalAccount } from '../events.ts';

export function mailChoiceOf(db: Reader, userId: string, kind: NotificationKind): MailChoice {
  const chosen = db
    .select({ mail: notificationChoices.mail })
    .from(notificationChoices)
    .where(and(eq(notificationChoices.userId, userId), eq(notificationChoices.kind, kind)))
    .get();
  return chosen?.mail ?? defaultMailChoice;
}

/** Returns one row per kind that the person can choose, with the default where the person has chosen nothing. */
export function notificationSettingsOf(ctx: PersonContext): z.infer<typeof notificationSettingsView> {
  const chosen = ctx.db
    .select({ kind: notificationChoices.kind, mail: notificationChoices.mail })
    .from(notificationChoices)
    .where(eq(notificationChoices.userId, ctx.person.id))
    .limit(notificationKinds.length)
    .all();
  const byKind = new Map(chosen.map(({ kind, mail }) => [kind, mail]));
  const kinds = notificationKinds.filter((kind) => notices[kind].mail === 'choice');
  return kinds.map((kind) => ({ kind, mail: byKind.get(kind) ?? defaultMailChoice }));
}

/** Applies to future notifications. Mails that are already due are sent as before. */
export function updateNotificationSettings(
  ctx: PersonContext,
  { kind, mail }: z.infer<typeof updateNotificationSettingsInput>,
): z.infer<typeof notificationSettingsView> {
  inTransaction(ctx.db, (tx) => {
    tx.insert(notificationChoices)
      .values({ userId: ctx.person.id, kind, mail })
      .onConflictDoUpdate({
        target: [notificationChoices.userId, notificationChoices.kind],
        set: { mail },
      })
      .run();
    signalAccount(tx, ctx, ctx.person.id);
  });
  return notificationSettingsOf(ctx);
}
