/** The shares that ask their sharer whether a person who joined is the intended recipient. */
import type { NotificationView } from '@turnover/domain/notifications';
import type { Claims } from '#lib/claims.ts';

export function claimsOf({ kind, data }: NotificationView): Claims | null {
  const { shareIds, claimantId } = data;
  if (kind !== 'share.joined' || !Array.isArray(shareIds) || typeof claimantId !== 'string') return null;
  return { shareIds, userId: claimantId };
}
