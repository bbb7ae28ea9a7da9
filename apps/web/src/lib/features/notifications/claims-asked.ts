/** The shares whose sharer is asked whether somebody who joined is whom they meant. */
import type { NotificationView } from '@turnover/domain/notifications';
import type { Claims } from '#lib/claims.ts';

export function claimsOf({ kind, data }: NotificationView): Claims | null {
  const { shareIds, claimantId } = data;
  if (kind !== 'share.joined' || !Array.isArray(shareIds) || typeof claimantId !== 'string') return null;
  return { shareIds, userId: claimantId };
}
