/** The rights and the end of a share. Nobody gives more than they have. */
import { startOfDay } from '@turnover/domain/days';
import { HubError } from '@turnover/domain/errors';
import {
  earlier,
  type ChainLink,
  type SharedAccess,
  type CreateShareInput,
  type UpdateShareInput,
} from '@turnover/domain/workspace/shares';
import type { PersonContext } from '../context.ts';
import type { SeenEntry } from '../entries/access.ts';
import type { Share } from './access.ts';

export type Terms = {
  canShare: boolean;
  canUpdate: boolean;
  expiresAt: number | null;
  expiresOn: string | null;
  timeZone: string | null;
};

/** What an edit of a share can change, as its revisions name it. */
export const termFields = ['canShare', 'canUpdate', 'expiresOn'] as const;

export function termsOf(
  ctx: PersonContext,
  { canShare, canUpdate, expiresOn, timeZone }: CreateShareInput,
): Terms {
  return { canShare, canUpdate, ...endAt(ctx, expiresOn, timeZone) };
}

export function endOf(ctx: PersonContext, share: Share, { expiresOn, timeZone }: UpdateShareInput) {
  if (expiresOn !== undefined) return endAt(ctx, expiresOn, timeZone ?? share.timeZone ?? 'UTC');
  return { expiresAt: share.expiresAt, expiresOn: share.expiresOn, timeZone: share.timeZone };
}

function endAt(ctx: PersonContext, expiresOn: string | null, timeZone: string) {
  if (expiresOn === null) return { expiresAt: null, expiresOn: null, timeZone: null };
  const expiresAt = startOfDay(expiresOn, timeZone);
  if (expiresAt > ctx.clock()) return { expiresAt, expiresOn, timeZone };
  throw new HubError('expiry_refused', 'That day has already begun. Choose a later one.', { why: 'past' });
}

/**
 * The share that a new one depends on; null for the owner. Throws when the new share would give more than the sharer
 * has.
 */
export function requireLimits(ctx: PersonContext, { access }: SeenEntry, terms: Terms): string | null {
  if (access.isOwner) return null;
  // A share that came back to the sharer through their own one gives nothing new, and would close the chain to a
  // ring.
  const isOwn = ({ sharerId }: ChainLink) => sharerId === ctx.person.id;
  const usable = access.shares.filter(({ canShare, chain }) => canShare && !chain.some(isOwn));
  const parent = usable.find(
    ({ canUpdate, until }) => (canUpdate || !terms.canUpdate) && reaches(until, terms.expiresAt),
  );
  if (parent) return parent.chain.at(-1)!.id;
  if (terms.canUpdate && !usable.some(({ canUpdate }) => canUpdate)) {
    throw new HubError('forbidden', 'You cannot let others update what you may not update.', {
      need: 'update',
    });
  }
  throw new HubError('expiry_refused', 'The share cannot last longer than your own access.', {
    why: 'beyond',
    until: access.until,
  });
}

/**
 * For changes to a share that depends on another: it cannot be extended beyond that one. Rights that it already has
 * stay, even if they exceed it by now.
 */
export function requireWithin(parent: SharedAccess, present: Share, { canUpdate, expiresAt }: Terms): void {
  if (canUpdate && !present.canUpdate && !parent.canUpdate) {
    throw new HubError('forbidden', 'The share that this one depends on does not allow updates.', {
      need: 'update',
    });
  }
  if (expiresAt !== present.expiresAt && !reaches(parent.until, expiresAt)) {
    throw new HubError('expiry_refused', 'The share cannot last longer than the one it depends on.', {
      why: 'beyond',
      until: parent.until,
    });
  }
}

/** A share without an end of its own ends with the one it depends on. */
function reaches(until: number | null, expiresAt: number | null): boolean {
  return expiresAt === null || earlier(until, expiresAt) === expiresAt;
}
