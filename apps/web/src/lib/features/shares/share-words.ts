/** Texts about shares: rights, end and progress. */
import type { ShareView } from '@turnover/domain/workspace/shares';
import * as m from '@turnover/messages/messages';
import { formatLastDay } from '#lib/format.ts';
import type { Tone } from '#lib/ui/text/icon.ts';
import { expiryProblem, expiryRange, formatCalendarDay, type ExpiryBounds } from './expiry.ts';
import { pickUpOf, type PickUp } from './share-tree.ts';

type Rights = { canShare: boolean; canUpdate: boolean };

/** Returns "Can share · Can update", or the basic right. */
export function rightsWords({ canShare, canUpdate }: Rights): string {
  const rights = [canShare && m.shares_can_share(), canUpdate && m.shares_can_update()].filter(Boolean);
  return rights.length > 0 ? rights.join(' · ') : m.shares_view_and_download();
}

/** Returns "Last day: 30 Nov", or that there is no end. */
export function untilWords(until: number | null, now: number): string {
  return until === null ? m.shares_no_end() : m.shares_last_day({ day: formatLastDay(until, now) });
}

/** Returns "through Cora · Can share · Last day: 30 Nov". */
export function termsWords(share: ShareView, { now, readerId }: { now: number; readerId: string }): string {
  const { sharer, expiresAt } = share;
  return [
    sharer.id !== readerId && m.shares_through({ name: sharer.name }),
    rightsWords(share),
    untilWords(expiresAt, now),
  ]
    .filter(Boolean)
    .join(' · ');
}

/** Returns why a share cannot end on that day; undefined when it can, or when there is no end. */
export function expiryProblemWords(day: string | null, bounds: ExpiryBounds): string | undefined {
  const problem = day === null ? null : expiryProblem(day, bounds);
  if (problem === null) return undefined;
  const { max } = expiryRange(bounds);
  return problem === 'past' || max === undefined
    ? m.shares_expiry_past()
    : m.shares_expiry_beyond({ day: formatCalendarDay(max, bounds.now) });
}

const pickUps: Record<PickUp, { tone: Tone; words: () => string }> = {
  ended: { tone: 'flat', words: m.shares_ended },
  claimed: { tone: 'warn', words: m.shares_claimed },
  invited: { tone: 'info', words: m.shares_invited },
  unnotified: { tone: 'flat', words: m.shares_not_notified },
  notified: { tone: 'flat', words: m.shares_not_opened },
  opened: { tone: 'info', words: m.shares_opened },
  downloaded: { tone: 'ok', words: m.shares_downloaded },
  verified: { tone: 'ok', words: m.shares_verified },
};

/** Describes the progress of a recipient. `files`: the number of files in a shared folder, if known. */
export function pickUpWords(share: ShareView, files: number | null): { tone: Tone; text: string } {
  const pickUp = pickUpOf(share);
  const { tone, words } = pickUps[pickUp];
  if (pickUp !== 'downloaded' || share.entry.kind === 'file') return { tone, text: words() };
  const count = share.downloadedFiles;
  if (files === null) return { tone, text: m.shares_downloaded_count({ count }) };
  // Files that were removed later still count as downloaded.
  const isAll = count >= files;
  return isAll
    ? { tone, text: words() }
    : { tone: 'warn', text: m.shares_downloaded_of({ count: String(count), files: String(files) }) };
}

export function pickUpTime(share: ShareView): number | null {
  return share.verifiedAt ?? share.downloadedAt ?? share.openedAt ?? share.toldAt;
}
