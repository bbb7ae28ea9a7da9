/** Ends shares and all shares that depend on them. */
import { eq, sql } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { entries } from '@turnover/db/schema/entries';
import { shares } from '@turnover/db/schema/shares';
import { inTransaction } from '@turnover/db/transaction';
import type { ShareChangePreviewView } from '@turnover/domain/workspace/shares';
import type { PersonContext } from '../context.ts';
import { inList } from '../in-list.ts';
import { loadShare, sharesBelow, type Share } from './access.ts';
import { inForceAbove } from './list.ts';
import { notifyEnded, withdrawMails } from './notices.ts';
import { signalWorkspace } from '../entries/places.ts';

/** Ends a share and all shares that depend on it. */
export function revokeShare(ctx: PersonContext, shareId: string): void {
  inTransaction(ctx.db, (tx) => {
    const { share, entry } = loadShare(tx, ctx, shareId, 'manage');
    // Signals before the end: afterwards the share reaches nobody.
    signalWorkspace(tx, ctx, { ...entry, folderId: entry.id });
    endShares(tx, ctx, [share, ...sharesBelow(tx, shareId)]);
  });
}

/** The people who would lose access if the share ended or its permission to share were taken away. */
export function previewShareChange({ db }: PersonContext, { id }: Pick<Share, 'id'>): ShareChangePreviewView {
  const below = sharesBelow(db, id);
  const rows = db
    .select({ name: sql<string>`coalesce(${users.name}, ${shares.granteeEmail})`, entry: entries.name })
    .from(shares)
    .innerJoin(entries, eq(entries.id, shares.entryId))
    .leftJoin(users, eq(users.id, shares.granteeId))
    .where(
      inList(
        shares.id,
        below.map(({ id }) => id),
      ),
    )
    .orderBy(shares.id)
    .all();
  return { fallAway: rows };
}

/** Revokes shares, updates the counts of their entries, and notifies the people who had access. */
export function endShares(tx: Transaction, ctx: PersonContext, ended: readonly Share[]): void {
  for (const [entryId, shared] of Map.groupBy(ended, (share) => share.entryId)) {
    const entry = tx.select().from(entries).where(eq(entries.id, entryId)).get()!;
    const inForce = inForceAbove({ ...ctx, db: tx }, entry);
    for (const share of shared) {
      if (inForce.has(share.id)) notifyEnded(tx, ctx, share, entry);
    }
  }
  for (const share of ended) {
    tx.update(shares)
      .set({ revokedAt: ctx.clock(), revokedBy: ctx.person.id })
      .where(eq(shares.id, share.id))
      .run();
    countShares(tx, share.entryId, -1);
    withdrawMails(tx, share);
    if (share.granteeId) signalWorkspace(tx, ctx, { projectId: share.projectId, ownerId: share.granteeId });
  }
}

export function countShares(tx: Transaction, entryId: string, difference: number): void {
  tx.update(entries)
    .set({ shareCount: sql`${entries.shareCount} + ${difference}` })
    .where(eq(entries.id, entryId))
    .run();
}
