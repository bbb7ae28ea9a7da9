/** Extends shares that are about to end by a week, in one click. */
import { addDays, dayAt } from '@turnover/domain/days';
import type { NotificationView } from '@turnover/domain/notifications';
import { trpc } from '#lib/trpc.ts';

export type EndingShare = { entryId: string; shareId: string };

/** Returns the shares whose end a notification announces to their sharer; empty for other notifications. */
export function endingSharesOf({ kind, data }: NotificationView): EndingShare[] {
  if (kind !== 'share.ending' || data.mine !== true) return [];
  const { entryIds, shareIds, entryId, shareId } = data;
  if (Array.isArray(entryIds) && Array.isArray(shareIds)) {
    return shareIds.map((id, at) => ({ entryId: entryIds[at]!, shareId: id }));
  }
  // A notification of an earlier version is about one share.
  return typeof entryId === 'string' && typeof shareId === 'string' ? [{ entryId, shareId }] : [];
}

/**
 * Extends the shares and returns the new first day without access; null when none of the shares has an end any more. It
 * loads the current ends first, because they may have been extended since the notification and must not be shortened.
 */
export async function extendByAWeek(ending: readonly EndingShare[]): Promise<string | null> {
  let latest: string | null = null;
  for (const [entryId, ofEntry] of Map.groupBy(ending, (each) => each.entryId)) {
    const { shares } = await trpc.shares.list.query({ entryId });
    const ids = new Set(ofEntry.map(({ shareId }) => shareId));
    for (const share of shares.filter(({ id }) => ids.has(id))) {
      if (!share.expiresOn) continue;
      const timeZone = share.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
      const expiresOn = aWeekLater(share.expiresOn, dayAt(Date.now(), timeZone));
      await trpc.shares.update.mutate({ shareId: share.id, expiresOn, timeZone });
      if (latest === null || expiresOn > latest) latest = expiresOn;
    }
  }
  return latest;
}

/** Returns the day a week after `day`, or after today when `day` has passed. */
export function aWeekLater(day: string, today: string): string {
  return addDays(day > today ? day : today, 7);
}
