/** Warns both sides before a share ends, once for each end it gets. */
import { and, asc, eq, gt, isNull, lte, ne, or } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { entries } from '@turnover/db/schema/entries';
import { shares } from '@turnover/db/schema/shares';
import { inTransaction } from '@turnover/db/transaction';
import { expiryWarningMs, sharesInForce } from '@turnover/domain/workspace/shares';
import type { Context } from '../context.ts';
import { entriesAbove, linksOn } from '../entries/access.ts';
import { notify } from '../notifications/inbox.ts';
import { hrefOf } from './notices.ts';

const atOnce = 500;

/** Sends one batch of warnings. Returns how many shares it checked; the others follow in the next call. */
export function warnOfEndingShares(ctx: Context): number {
  const now = ctx.clock();
  const ending = and(
    isNull(shares.revokedAt),
    gt(shares.expiresAt, now),
    lte(shares.expiresAt, now + expiryWarningMs),
    or(isNull(shares.warnedOf), ne(shares.warnedOf, shares.expiresAt)),
  );
  return inTransaction(ctx.db, (tx) => {
    const rows = tx
      .select({ share: shares, entry: entries })
      .from(shares)
      .innerJoin(entries, eq(entries.id, shares.entryId))
      .where(ending)
      .orderBy(asc(shares.expiresAt))
      .limit(atOnce)
      .all();
    for (const { share, entry } of rows) {
      tx.update(shares).set({ warnedOf: share.expiresAt }).where(eq(shares.id, share.id)).run();
      warn(tx, ctx, share, entry);
    }
    return rows.length;
  });
}

function warn(
  tx: Transaction,
  ctx: Context,
  share: typeof shares.$inferSelect,
  entry: typeof entries.$inferSelect,
): void {
  const above = entriesAbove(tx, entry.id);
  const links = linksOn(tx, above);
  const isInForce = sharesInForce(links, { ownerId: entry.ownerId, now: ctx.clock() }).has(share.id);
  if (!isInForce || above.some(({ deletedAt }) => deletedAt !== null)) return;
  const sharer = tx.select().from(users).where(eq(users.id, share.sharerId)).get()!;
  const grantee = share.granteeId ? tx.select().from(users).where(eq(users.id, share.granteeId)).get() : null;
  const notice = { projectId: share.projectId, actorId: null, kind: 'share.ending' as const };
  const data = {
    entry: entry.name,
    expiresOn: share.expiresOn,
    href: hrefOf(entry),
    entryId: entry.id,
    shareId: share.id,
  };
  notify(tx, ctx, {
    ...notice,
    userId: sharer.id,
    email: sharer.email,
    data: { ...data, person: grantee?.name ?? share.granteeEmail, mine: true },
  });
  notify(tx, ctx, {
    ...notice,
    userId: share.granteeId,
    email: share.granteeEmail,
    data: { ...data, person: sharer.name, mine: false },
  });
}
