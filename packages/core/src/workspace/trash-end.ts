/**
 * Deletes entries in the trash for good. Entries are first marked as condemned, which hides them at once, then deleted row by
 * row in short transactions. After a crash, the marks show what is left to delete.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { and, eq, gt, inArray, isNotNull, isNull, lte, or, sql, type SQL } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { entries, entryDownloads } from '@turnover/db/schema/entries';
import { shares } from '@turnover/db/schema/shares';
import { uploads } from '@turnover/db/schema/uploads';
import { inTransaction } from '@turnover/db/transaction';
import { dayMs } from '@turnover/domain/days';
import { notFound } from '@turnover/domain/errors';
import type { Entry } from '../access.ts';
import { markUnreferenced } from '../assets/freeing.ts';
import { inBatches } from '../batches.ts';
import type { Context, PersonContext } from '../context.ts';
import { condemnedAt } from '../entries/lookup.ts';
import { inList } from '../in-list.ts';
import { signalWorkspace } from '../entries/places.ts';
import { deleteVersionsOf } from '../entries/versions.ts';

type Workspace = { projectId: string; ownerId: string };

/** Rows per transaction, which keeps each well under 20 ms. */
const batch = 100;

/** Deletes entries from the person's own trash for good. Throws `not_found` unless all of them are there. */
export async function purgeEntries(
  ctx: PersonContext,
  { projectId, entryIds }: { projectId: string; entryIds: readonly string[] },
): Promise<{ purged: number }> {
  const workspace = { projectId, ownerId: ctx.person.id };
  const ids = [...new Set(entryIds)];
  const present = ctx.db
    .select({ id: entries.id })
    .from(entries)
    .where(and(inTrash(workspace), inList(entries.id, ids)))
    .all();
  if (present.length < ids.length) throw notFound();
  let purged = 0;
  await inBatches(ids, batch, (some) => {
    purged += condemn(ctx, workspace, inList(entries.id, some));
  });
  await purgeCondemned(ctx, workspace);
  return { purged };
}

export async function emptyTrash(
  ctx: PersonContext,
  { projectId }: { projectId: string },
): Promise<{ purged: number }> {
  const workspace = { projectId, ownerId: ctx.person.id };
  const purged = await condemnUntil(ctx, workspace, ctx.clock());
  await purgeCondemned(ctx, workspace);
  return { purged };
}

/** Deletes entries that have been in anybody's trash for `trashDays`, and marked entries that a crash left behind. */
export async function purgeOldTrash(ctx: Context, trashDays: number): Promise<{ purged: number }> {
  const until = ctx.clock() - trashDays * dayMs;
  const due = ctx.db
    .selectDistinct({ projectId: entries.projectId, ownerId: entries.ownerId })
    .from(entries)
    .where(and(isNotNull(entries.deletedAt), lte(entries.deletedAt, until)))
    .all();
  let purged = 0;
  for (const workspace of due) {
    purged += await condemnUntil(ctx, workspace, until);
    await purgeCondemned(ctx, workspace);
  }
  return { purged };
}

async function condemnUntil(ctx: Context, workspace: Workspace, until: number): Promise<number> {
  let condemned = 0;
  for (;;) {
    const some = condemn(ctx, workspace, lte(entries.deletedAt, until));
    condemned += some;
    if (some < batch) return condemned;
    await turn();
  }
}

/** Marks one batch of entries and returns how many. */
function condemn(ctx: Context, workspace: Workspace, which: SQL): number {
  return inTransaction(ctx.db, (tx) => {
    const some = tx
      .select({ id: entries.id })
      .from(entries)
      .where(and(inTrash(workspace), which))
      .limit(batch);
    const { changes } = tx
      .update(entries)
      .set({ deletedAt: condemnedAt })
      .where(inArray(entries.id, some))
      .run();
    if (changes > 0) signalWorkspace(tx, ctx, workspace);
    return changes;
  });
}

async function purgeCondemned(ctx: Context, workspace: Workspace): Promise<void> {
  while (inTransaction(ctx.db, (tx) => purgeSome(tx, ctx, workspace))) await turn();
}

/**
 * Deletes one batch of marked entries. Files are deleted; folders are deleted and their contents marked, so that no path is
 * walked twice. Entries that were deleted before their folder stay in the trash; restoring puts them into the root.
 */
function purgeSome(tx: Transaction, ctx: Context, { projectId, ownerId }: Workspace): boolean {
  const condemned = tx
    .select()
    .from(entries)
    .where(
      and(eq(entries.projectId, projectId), eq(entries.ownerId, ownerId), eq(entries.deletedAt, condemnedAt)),
    )
    .limit(batch)
    .all();
  const ids = condemned.map(({ id }) => id);
  const children = tx.select().from(entries).where(inList(entries.parentId, ids)).limit(batch).all();
  const isTrash = ({ deletedAt }: Entry) => deletedAt !== null && deletedAt !== condemnedAt;
  const [going, staying] = [children.filter((child) => !isTrash(child)), children.filter(isTrash)];
  const files = going.filter(({ kind }) => kind === 'file');
  moveOut(tx, staying, {});
  moveOut(
    tx,
    going.filter(({ kind }) => kind !== 'file'),
    { deletedAt: condemnedAt },
  );
  deleteRows(tx, ctx, files);
  const isHeld = sql`exists (select 1 from ${entries} as child where child.parent_id = ${entries.id})`;
  const empty = tx
    .select()
    .from(entries)
    .where(and(inList(entries.id, ids), sql`not ${isHeld}`))
    .all();
  deleteRows(tx, ctx, empty);
  return condemned.length > 0;
}

function moveOut(tx: Transaction, moved: readonly Entry[], more: { deletedAt?: number }): void {
  if (moved.length === 0) return;
  const ids = moved.map(({ id }) => id);
  tx.update(entries)
    .set({ parentId: null, ...more })
    .where(inList(entries.id, ids))
    .run();
}

/** Deletes empty rows and everything that references them. */
function deleteRows(tx: Transaction, ctx: Context, rows: readonly Entry[]): void {
  if (rows.length === 0) return;
  const ids = rows.map(({ id }) => id);
  deleteShares(tx, ctx, ids);
  tx.delete(entryDownloads).where(inList(entryDownloads.entryId, ids)).run();
  // Uploads into these folders go to the root of their sender instead.
  tx.update(uploads).set({ folderId: null }).where(inList(uploads.folderId, ids)).run();
  const assetIds = deleteVersionsOf(tx, ids);
  tx.delete(entries).where(inList(entries.id, ids)).run();
  for (const { assetId } of rows) if (assetId !== null) assetIds.push(assetId);
  markUnreferenced(tx, ctx, assetIds);
}

/** Deletes the shares of these entries, and ends shares of other entries that depended on them. */
function deleteShares(tx: Transaction, ctx: Context, entryIds: readonly string[]): void {
  const gone = tx.select({ id: shares.id }).from(shares).where(inList(shares.entryId, entryIds)).all();
  if (gone.length === 0) return;
  const ids = gone.map(({ id }) => id);
  const resting = tx.all<{ id: string; entryId: string }>(sql`
    with recursive below(id, entry_id) as (
      select id, entry_id from shares where parent_id in (select value from json_each(${JSON.stringify(ids)}))
      union
      select shares.id, shares.entry_id from below join shares on shares.parent_id = below.id
    ) select id, entry_id as entryId from below`);
  const isLive = and(
    inList(
      shares.id,
      resting.map(({ id }) => id),
    ),
    isNull(shares.revokedAt),
  );
  tx.update(shares).set({ revokedAt: ctx.clock() }).where(isLive).run();
  tx.update(shares)
    .set({ parentId: null })
    .where(or(inList(shares.parentId, ids), inList(shares.id, ids)))
    .run();
  tx.delete(shares).where(inList(shares.id, ids)).run();
  const live = sql`(select count(*) from shares where entry_id = ${entries.id} and revoked_at is null)`;
  tx.update(entries)
    .set({ shareCount: live })
    .where(
      inList(
        entries.id,
        resting.map(({ entryId }) => entryId),
      ),
    )
    .run();
}

function inTrash({ projectId, ownerId }: Workspace) {
  return and(
    eq(entries.projectId, projectId),
    eq(entries.ownerId, ownerId),
    gt(entries.deletedAt, condemnedAt),
  );
}
