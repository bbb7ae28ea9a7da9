/**
 * Frees unreferenced bytes in three steps: removing the last reference marks the asset; a later pass moves the file to the
 * quarantine; seven days later another pass deletes it. Each step checks again that nothing references the asset.
 */
import { and, asc, count, eq, inArray, isNotNull, isNull, lte, min, sql, type SQL } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { assetPreviews, assets, previewRuns } from '@turnover/db/schema/assets';
import { inTransaction } from '@turnover/db/transaction';
import { dayMs } from '@turnover/domain/days';
import type { Context } from '../context.ts';
import { inList } from '../in-list.ts';
import { notifyOwners } from '../notifications/owners.ts';

export const quarantineMs = 7 * dayMs;
/** A pass asks the owners first when it would free more files than this, and more than `brakePart` of all files. */
const brakeFiles = 100;
const brakePart = 0.05;

/** `held`: the number of files that the pass left alone because there were suspiciously many. */
export type FreedAssets = { quarantined: number; freed: number; held: number };

/** Marks the assets that are no longer referenced. Call it in the transaction that deletes entries or delivered files. */
export function markUnreferenced(
  tx: Transaction,
  ctx: Pick<Context, 'clock'>,
  assetIds: readonly string[],
): void {
  if (assetIds.length === 0) return;
  leaveToRequests(tx, assetIds);
  tx.update(assets)
    .set({ unreferencedAt: ctx.clock() })
    .where(
      and(
        inList(assets.id, assetIds),
        inArray(assets.state, ['stored', 'verifying']),
        isNull(assets.unreferencedAt),
        sql`not ${isPointedTo}`,
      ),
    )
    .run();
}

/**
 * Assets that only requests hold no longer count against a Workspace. Assets that nothing holds count until their bytes are
 * freed.
 */
function leaveToRequests(tx: Transaction, assetIds: readonly string[]): void {
  const isOwned = and(inList(assets.id, assetIds), isNotNull(assets.ownerId));
  tx.update(assets)
    .set({ ownerId: null })
    .where(and(isOwned, sql`not (${inEntries} or ${inVersions})`, inRequests))
    .run();
}

/**
 * Runs one pass. `confirmed` skips the check for suspiciously many files. Never frees a file that it cannot check: when
 * reading the database fails, the pass ends.
 */
export async function freeAssets(ctx: Context, { confirmed = false } = {}): Promise<FreedAssets> {
  await unmarkReferenced(ctx);
  await finishQuarantine(ctx);
  const found = garbage(ctx.db);
  const held = !confirmed && isSuspicious(ctx.db, found.length) ? found.length : 0;
  let quarantined = 0;
  if (held > 0) askOwners(ctx, held);
  else for (const id of found) quarantined += Number(await quarantine(ctx, id));
  const freed = await unlinkOld(ctx);
  await ctx.storage.emptyQuarantine(ctx.clock() - quarantineMs);
  return { quarantined, freed, held };
}

const inEntries = sql`exists (select 1 from entries where entries.asset_id = ${assets.id})`;
const inRequests = sql`exists (
  select 1 from delivered_files where delivered_files.asset_id = ${assets.id} and delivered_files.purged_at is null
)`;
const inVersions = sql`exists (select 1 from entry_versions where entry_versions.asset_id = ${assets.id})`;
const isPointedTo = sql`(${inEntries} or ${inRequests} or ${inVersions})`;
const isArriving = sql`exists (
  select 1 from uploads where uploads.asset_id = ${assets.id} and uploads.status in ('uploading', 'verifying')
)`;
const isGarbage = sql`(not ${isPointedTo} and not ${isArriving})`;

/**
 * Stored and marked assets that may be freed. Checks again, because a mark can come too early: the entry of an upload
 * may be deleted before its last byte is hashed.
 */
function garbage(db: Reader): string[] {
  const rows = db
    .select({ id: assets.id })
    .from(assets)
    .where(and(isNotNull(assets.unreferencedAt), eq(assets.state, 'stored'), isGarbage))
    .orderBy(asc(assets.unreferencedAt))
    .all();
  return rows.map(({ id }) => id);
}

/** Changes the row first: from then on nobody can open the file, even if a crash interrupts the move. */
async function quarantine(ctx: Context, assetId: string): Promise<boolean> {
  const isStill = and(eq(assets.id, assetId), eq(assets.state, 'stored'), isNotNull(assets.unreferencedAt));
  const { changes } = inTransaction(ctx.db, (tx) =>
    tx.update(assets).set({ state: 'quarantined', quarantinedAt: null }).where(and(isStill, isGarbage)).run(),
  );
  if (changes === 0) return false;
  await putAside(ctx, assetId);
  return true;
}

async function putAside(ctx: Context, assetId: string): Promise<void> {
  await ctx.storage.quarantineAsset(assetId);
  const isUnfinished = and(
    eq(assets.id, assetId),
    eq(assets.state, 'quarantined'),
    isNull(assets.quarantinedAt),
  );
  inTransaction(ctx.db, (tx) =>
    tx.update(assets).set({ quarantinedAt: ctx.clock() }).where(isUnfinished).run(),
  );
}

/** Moves the files whose row a crash left changed but not moved. */
async function finishQuarantine(ctx: Context): Promise<void> {
  const unfinished = inQuarantine(ctx.db, isNull(assets.quarantinedAt));
  for (const id of unfinished) await putAside(ctx, id);
}

/** Unmarks assets that something references again, for example after an older database was restored. */
async function unmarkReferenced(ctx: Context): Promise<void> {
  const marked = ctx.db
    .select({ id: assets.id })
    .from(assets)
    .where(and(isNotNull(assets.unreferencedAt), inArray(assets.state, ['stored', 'verifying']), isPointedTo))
    .all();
  const ids = marked.map(({ id }) => id);
  if (ids.length > 0) {
    inTransaction(ctx.db, (tx) =>
      tx
        .update(assets)
        .set({ unreferencedAt: null })
        .where(and(inList(assets.id, ids), isPointedTo))
        .run(),
    );
  }
  for (const id of inQuarantine(ctx.db, isPointedTo)) {
    await ctx.storage.takeBackAsset(id);
    inTransaction(ctx.db, (tx) =>
      tx
        .update(assets)
        .set({ state: 'stored', unreferencedAt: null, quarantinedAt: null })
        .where(and(eq(assets.id, id), eq(assets.state, 'quarantined')))
        .run(),
    );
  }
}

/** Deletes the file before its row: in the other order, a crash would leave a file that nobody deletes. */
async function unlinkOld(ctx: Context): Promise<number> {
  const due = inQuarantine(ctx.db, lte(assets.quarantinedAt, ctx.clock() - quarantineMs));
  let freed = 0;
  for (const id of due) {
    const isStill = and(eq(assets.id, id), eq(assets.state, 'quarantined'), isGarbage);
    if (!ctx.db.select({ id: assets.id }).from(assets).where(isStill).get()) continue;
    await ctx.storage.removeQuarantinedAsset(id);
    await ctx.storage.removePreviews(id);
    freed += inTransaction(ctx.db, (tx) => {
      tx.delete(assetPreviews).where(eq(assetPreviews.assetId, id)).run();
      tx.delete(previewRuns).where(eq(previewRuns.assetId, id)).run();
      return tx.update(assets).set({ state: 'freed', unreferencedAt: null }).where(isStill).run().changes;
    });
  }
  return freed;
}

function inQuarantine(db: Reader, which: SQL): string[] {
  return db
    .select({ id: assets.id })
    .from(assets)
    .where(and(isNotNull(assets.unreferencedAt), eq(assets.state, 'quarantined'), which))
    .all()
    .map(({ id }) => id);
}

function isSuspicious(db: Reader, files: number): boolean {
  if (files <= brakeFiles) return false;
  const { stored } = db.select({ stored: count() }).from(assets).where(eq(assets.state, 'stored')).get()!;
  return files > stored * brakePart;
}

/** Notifies the owners once for each case: if the oldest mark is older than the last notification, they already know. */
function askOwners(ctx: Context, files: number): void {
  ctx.log('error', 'storage.stopped', { files });
  inTransaction(ctx.db, (tx) => {
    const { since } = tx
      .select({ since: min(assets.unreferencedAt) })
      .from(assets)
      .where(and(isNotNull(assets.unreferencedAt), eq(assets.state, 'stored')))
      .get()!;
    notifyOwners(tx, ctx, { kind: 'storage.stopped', data: { files }, notSince: since ?? 0 });
  });
}
