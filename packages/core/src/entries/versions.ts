/**
 * Replaces the bytes of a file. The entry keeps its id, place and shares; its previous bytes become a version. The caller
 * signals the pages.
 */
import { and, desc, eq, sql } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { assets } from '@turnover/db/schema/assets';
import { entries, entryDownloads, entryVersions } from '@turnover/db/schema/entries';
import { shares } from '@turnover/db/schema/shares';
import type { Entry } from '../access.ts';
import type { Context } from '../context.ts';
import { inList } from '../in-list.ts';
import { addTo } from './counters.ts';

type EntryVersion = typeof entryVersions.$inferSelect;
type Bytes = { assetId: string; sizeBytes: number };

/** Gives the file other bytes. Its present bytes become a version. */
export function replaceBytes(tx: Transaction, ctx: Context, entry: Entry, bytes: Bytes, by: string): void {
  const { id: entryId, version: number, sizeBytes } = entry;
  const kept = { entryId, number, sizeBytes, replacedAt: ctx.clock(), replacedBy: by };
  tx.insert(entryVersions)
    .values({ id: ctx.newId('entryVersion'), assetId: entry.assetId!, ...kept })
    .run();
  putBytes(tx, ctx, entry, bytes, { version: number + 1, updatedBy: by });
}

/** Gives the file the bytes of its newest version, because its present ones were rejected. Returns false without a version. */
export function fallBack(tx: Transaction, ctx: Context, entry: Entry): boolean {
  const last = tx
    .select()
    .from(entryVersions)
    .where(eq(entryVersions.entryId, entry.id))
    .orderBy(desc(entryVersions.number))
    .limit(1)
    .get();
  if (!last) return false;
  tx.delete(entryVersions).where(eq(entryVersions.id, last.id)).run();
  putBytes(tx, ctx, entry, last, { version: last.number });
  return true;
}

export function findVersion(db: Reader, versionId: string): EntryVersion | undefined {
  return db.select().from(entryVersions).where(eq(entryVersions.id, versionId)).get();
}

/** Deletes the versions of these entries, and returns the ids of their assets. */
export function deleteVersionsOf(tx: Transaction, entryIds: readonly string[]): string[] {
  return tx
    .delete(entryVersions)
    .where(inList(entryVersions.entryId, entryIds))
    .returning({ assetId: entryVersions.assetId })
    .all()
    .map(({ assetId }) => assetId);
}

function putBytes(
  tx: Transaction,
  ctx: Context,
  { id, parentId, deletedAt, sizeBytes: before }: Entry,
  { assetId, sizeBytes }: Bytes,
  change: { version: number; updatedBy?: string },
): void {
  const { state } = tx.select({ state: assets.state }).from(assets).where(eq(assets.id, assetId)).get()!;
  const stateRank = state === 'verifying' ? 0 : 2;
  tx.update(entries)
    .set({ assetId, sizeBytes, stateRank, updatedAt: ctx.clock(), ...change })
    .where(eq(entries.id, id))
    .run();
  // The counters of a folder leave out entries in the trash.
  if (deletedAt === null) addTo(tx, ctx, parentId, { items: 0, files: 0, bytes: sizeBytes - before });
  forgetReceipts(tx, id);
}

/** Deletes the receipts of the previous bytes: nobody has downloaded or verified the new ones. */
function forgetReceipts(tx: Transaction, entryId: string): void {
  const gone = tx
    .delete(entryDownloads)
    .where(eq(entryDownloads.entryId, entryId))
    .returning({ userId: entryDownloads.userId })
    .all();
  tx.update(shares).set({ verifiedAt: null }).where(eq(shares.entryId, entryId)).run();
  if (gone.length === 0) return;
  const isAbove = sql`${shares.entryId} in (
    with recursive above(id) as (
      select ${entryId}
      union all
      select parent_id from above join entries using (id) where parent_id is not null
    ) select id from above)`;
  const had = gone.map(({ userId }) => userId);
  tx.update(shares)
    .set({
      downloadedFiles: sql`max(${shares.downloadedFiles} - 1, 0)`,
      downloadedAt: sql`case when ${shares.downloadedFiles} > 1 then ${shares.downloadedAt} end`,
    })
    .where(and(isAbove, inList(shares.granteeId, had)))
    .run();
}
