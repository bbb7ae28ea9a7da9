/** Notifications for the owners of the hub. */
import { and, eq, gte, isNull } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { notifications } from '@turnover/db/schema/notifications';
import type { EventData } from '@turnover/domain/events';
import type { NotificationKind } from '@turnover/domain/notifications';
import type { Context } from '../context.ts';
import { notify } from './inbox.ts';

/** `notSince`: owners who got such a notification at or after this time get no other. */
type OwnersNotice = { kind: NotificationKind; data: EventData; notSince?: number };

export function notifyOwners(tx: Transaction, ctx: Context, { kind, data, notSince }: OwnersNotice): void {
  const owners = tx
    .select()
    .from(users)
    .where(and(eq(users.isOwner, true), isNull(users.disabledAt)))
    .all();
  for (const { id: userId, email } of owners) {
    if (notSince !== undefined && hasNotice(tx, userId, kind, notSince)) continue;
    notify(tx, ctx, { userId, email, kind, projectId: null, actorId: null, data });
  }
}

function hasNotice(tx: Transaction, userId: string, kind: NotificationKind, since: number): boolean {
  const has = and(
    eq(notifications.userId, userId),
    eq(notifications.kind, kind),
    gte(notifications.createdAt, since),
  );
  return tx.select({ id: notifications.id }).from(notifications).where(has).limit(1).get() !== undefined;
}
