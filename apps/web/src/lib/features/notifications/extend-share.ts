/** Extends a share that is about to end by a week, in one click. */
import { addDays, dayAt } from '@turnover/domain/days';
import type { NotificationView } from '@turnover/domain/notifications';
import { trpc } from '#lib/trpc.ts';

export type EndingShare = { entryId: string; shareId: string };

/** The share whose end a notification announces to its sharer; null for other notifications. */
export function endingShareOf({ kind, data }: NotificationView): EndingShare | null {
  const { entryId, shareId, mine } = data;
  if (kind !== 'share.ending' || mine !== true) return null;
  return typeof entryId === 'string' && typeof shareId === 'string' ? { entryId, shareId } : null;
}

/**
 * Returns the new first day without access; null: the share no longer has an end, or is gone. It loads the present end
 * first: the end may have been extended since the notification, and must not come nearer.
 */
export async function extendByAWeek({ entryId, shareId }: EndingShare): Promise<string | null> {
  const { shares } = await trpc.shares.list.query({ entryId });
  const share = shares.find(({ id }) => id === shareId);
  if (!share?.expiresOn) return null;
  const timeZone = share.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const expiresOn = aWeekLater(share.expiresOn, dayAt(Date.now(), timeZone));
  await trpc.shares.update.mutate({ shareId, expiresOn, timeZone });
  return expiresOn;
}

/** A week after `day`, or after today when that has passed. */
export function aWeekLater(day: string, today: string): string {
  return addDays(day > today ? day : today, 7);
}
