/** Changes shares, takes them off lists and reminds their grantees. */
import { and, eq, isNull } from 'drizzle-orm';
import { shares } from '@turnover/db/schema/shares';
import { inTransaction } from '@turnover/db/transaction';
import { HubError } from '@turnover/domain/errors';
import type { UpdateShareInput } from '@turnover/domain/workspace/shares';
import type { Entry } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { loadShare, sharesBelow, type Share } from './access.ts';
import { inForceAbove } from './list.ts';
import { notifyReminder } from './notices.ts';
import { changedFields, recordEdit, requireRevision } from '../edits.ts';
import { signalWorkspace } from '../entries/places.ts';
import { endShares } from './revoke.ts';
import { endOf, requireWithin, termFields } from './terms.ts';

/** Changes a share. Ends the shares that depend on it when it can no longer be shared on. */
export function updateShare(ctx: PersonContext, input: UpdateShareInput): void {
  inTransaction(ctx.db, (tx) => {
    const { share, entry } = loadShare(tx, ctx, input.shareId, 'manage');
    requireRevision(tx, ctx, { ...entry, id: share.id }, input.revision);
    const terms = {
      canShare: input.canShare ?? share.canShare,
      canUpdate: input.canUpdate ?? share.canUpdate,
      ...endOf(ctx, share, input),
    };
    const parent = share.parentId ? inForceAbove({ ...ctx, db: tx }, entry).get(share.parentId) : undefined;
    if (parent) requireWithin(parent, share, terms);
    // Ends them before the update, because the people who have access now must be notified.
    if (!terms.canShare) endShares(tx, ctx, sharesBelow(tx, share.id));
    recordEdit(tx, ctx, share.id, changedFields(share, terms, termFields));
    tx.update(shares)
      .set({ ...terms, updatedAt: ctx.clock() })
      .where(eq(shares.id, share.id))
      .run();
    signalWorkspace(tx, ctx, { ...entry, folderId: entry.id });
  });
}

/** Takes an entry off the grantee's list. The sharer still sees that they have access. */
export function removeFromList(ctx: PersonContext, shareId: string): void {
  inTransaction(ctx.db, (tx) => {
    const { share, entry } = loadShare(tx, ctx, shareId, 'receive');
    tx.update(shares)
      .set({ hiddenAt: ctx.clock() })
      .where(
        and(eq(shares.entryId, share.entryId), eq(shares.granteeId, ctx.person.id), isNull(shares.revokedAt)),
      )
      .run();
    signalWorkspace(tx, ctx, { ...entry, folderId: entry.id });
  });
}

/** Reminds a grantee who has not picked up the share. Once per share. */
export function remindOfShare(ctx: PersonContext, shareId: string): void {
  inTransaction(ctx.db, (tx) => {
    const { share, entry } = loadShare(tx, ctx, shareId, 'manage');
    if (share.remindedAt !== null) {
      throw new HubError('already_reminded', 'They have already been reminded.', { at: share.remindedAt });
    }
    if (!isReachable(ctx, share, entry)) {
      throw new HubError('conflict', 'This share has ended. Extend it or share again.');
    }
    if (isPickedUp(share, entry)) throw new HubError('nothing_changed', 'They have already picked it up.');
    tx.update(shares).set({ remindedAt: ctx.clock(), hiddenAt: null }).where(eq(shares.id, shareId)).run();
    notifyReminder(tx, ctx, share, entry);
    signalWorkspace(tx, ctx, { ...entry, folderId: entry.id });
  });
}

/** True when everything is downloaded: one of five files is not enough. */
function isPickedUp({ downloadedAt, downloadedFiles }: Share, { kind, fileCount }: Entry): boolean {
  return downloadedAt !== null && (kind === 'file' || downloadedFiles >= fileCount);
}

/** True for a share in force, and for one that waits for an invited person. */
function isReachable(ctx: PersonContext, share: Share, entry: Entry): boolean {
  if (share.granteeId !== null) return inForceAbove(ctx, entry).has(share.id);
  return share.expiresAt === null || share.expiresAt > ctx.clock();
}
