/** Terms of a share: permissions and end. Nobody can give more than they have. */
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

/** The fields of a share that an edit can change, as recorded in its revisions. */
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
 * The share that a new share depends on; null for the owner of the entry. Throws when the new share would give more than the
 * sharer has.
 */
export function requireLimits(ctx: PersonContext, { access }: SeenEntry, terms: Terms): string | null {
  if (access.isOwner) return null;
  // Skips shares whose chain contains the sharer: they give the sharer nothing new, and would turn the chain into a cycle.
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
 * Checks a change to a share that depends on another: its end cannot be later than that of the other. It keeps permissions
 * that it already has, even if the other no longer has them.
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

/** Whether access until `until` covers a share that ends at `expiresAt`. Null means no end. */
function reaches(until: number | null, expiresAt: number | null): boolean {
  return expiresAt === null || earlier(until, expiresAt) === expiresAt;
}
