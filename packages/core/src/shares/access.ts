/** Loads a share for its grantee or for people who manage it. */
import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { entries } from '@turnover/db/schema/entries';
import { shares } from '@turnover/db/schema/shares';
import { HubError, notFound } from '@turnover/domain/errors';
import type { Entry } from '../access.ts';
import { accessTo, type Asker, type EntryAccess } from '../entries/access.ts';

export type Share = typeof shares.$inferSelect;
export type LoadedShare = { share: Share; entry: Entry & { access: EntryAccess } };

/**
 * `manage`: the owner of the entry, the sharer, and the sharers of the shares it depends on. `receive`: the grantee.
 */
export type ShareNeed = 'manage' | 'receive';

export function loadShare(db: Reader, asker: Asker, shareId: string, need: ShareNeed): LoadedShare {
  const row = db
    .select({ share: shares, entry: entries })
    .from(shares)
    .innerJoin(entries, eq(entries.id, shares.entryId))
    .where(and(eq(shares.id, shareId), isNull(shares.revokedAt)))
    .get();
  const access = row && accessTo(db, asker, row.entry);
  if (!access) throw notFound();
  const { share, entry } = row;
  const isGrantee = share.granteeId === asker.person.id;
  const manages = access.isOwner || sharersAbove(db, share.id).includes(asker.person.id);
  // The existence of other people's shares must stay hidden.
  if (!isGrantee && !manages) throw notFound();
  if (need === 'manage' ? !manages : !isGrantee) {
    throw new HubError(
      'forbidden',
      need === 'manage'
        ? 'Only people who manage this share can do that.'
        : 'Only the recipient of this share can do that.',
      { need },
    );
  }
  return { share, entry: { ...entry, access } };
}

/** The unrevoked share of an entry from this sharer to this address. */
export function findUnrevoked(
  db: Reader,
  { entryId, sharerId, granteeEmail }: Pick<Share, 'entryId' | 'sharerId' | 'granteeEmail'>,
): Share | undefined {
  const same = and(
    eq(shares.entryId, entryId),
    eq(shares.sharerId, sharerId),
    eq(shares.granteeEmail, granteeEmail),
    isNull(shares.revokedAt),
  );
  return db.select().from(shares).where(same).get();
}

/** The sharers of this share and of all shares it depends on. */
export function sharersAbove(db: Reader, shareId: string): string[] {
  return db
    .all<{ id: string }>(
      sql`with recursive above(parent_id, sharer_id) as (
            select parent_id, sharer_id from shares where id = ${shareId}
            union all
            select shares.parent_id, shares.sharer_id from above join shares on shares.id = above.parent_id
          ) select sharer_id as id from above`,
    )
    .map(({ id }) => id);
}

/** The shares that depend on this one, directly or indirectly, and are not revoked. */
export function sharesBelow(db: Reader, shareId: string): Share[] {
  const below = sql`
    with recursive below(id) as (
      select id from shares where parent_id = ${shareId} and revoked_at is null
      union all
      select shares.id from below join shares on shares.parent_id = below.id and shares.revoked_at is null
    ) select id from below`;
  return db
    .select()
    .from(shares)
    .where(sql`${shares.id} in (${below})`)
    .orderBy(shares.id)
    .all();
}
