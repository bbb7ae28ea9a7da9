/** Stores the entries of each checksum list once, and deletes the entries of removed lists. */
import { and, asc, eq, gt, isNull, lt, notInArray, sql } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { assets } from '@turnover/db/schema/assets';
import { ignoredFiles, manifestEntries, manifests } from '@turnover/db/schema/manifests';
import { deliveredFiles } from '@turnover/db/schema/requests';
import type { StorableReading } from '@turnover/domain/manifests/manifest';
import { inTurns } from '../batches.ts';
import type { Context } from '../context.ts';
import { underLease } from '../jobs.ts';
import type { ComparisonJob } from './queue.ts';

export type UnreadList = { id: string; path: string; pathKey: string; assetId: string; sizeBytes: number };

export const rowsPerBatch = 500;
const listsPerPage = 200;

/**
 * The next unread lists, sorted by path, after the path key `after`. Returns only a few, because there may be one for each of
 * 75,000 frames.
 */
export function nextUnreadLists(db: Reader, requestId: string, after = ''): UnreadList[] {
  const { id, path, pathKey } = deliveredFiles;
  return db
    .select({ id, path, pathKey, assetId: assets.id, sizeBytes: assets.sizeBytes })
    .from(deliveredFiles)
    .innerJoin(assets, eq(assets.id, deliveredFiles.assetId))
    .leftJoin(manifests, eq(manifests.fileId, deliveredFiles.id))
    .where(
      and(
        eq(deliveredFiles.requestId, requestId),
        isNull(deliveredFiles.removedAt),
        gt(pathKey, after),
        eq(deliveredFiles.isManifest, true),
        eq(assets.state, 'stored'),
        isNull(manifests.fileId),
      ),
    )
    .orderBy(asc(pathKey))
    .limit(listsPerPage)
    .all();
}

/** Stores the entries in pieces. The list counts as read after the last piece. Safe to repeat. */
export async function recordList(
  ctx: Context,
  job: ComparisonJob,
  { id }: Pick<UnreadList, 'id'>,
  { pieces, ...read }: StorableReading,
): Promise<void> {
  let number = 0;
  await inTurns(pieces, (piece) => {
    number += underLease(ctx.db, job, (tx) => insertPiece(tx, id, number, piece));
  });
  underLease(ctx.db, job, (tx) => {
    const values = { fileId: id, requestId: job.payload.requestId, ...read, readAt: ctx.clock() };
    tx.insert(manifests).values(values).onConflictDoNothing().run();
  });
}

/** Returns the number of entries in the piece, including those that were stored before. */
function insertPiece(tx: Transaction, listId: string, first: number, piece: string): number {
  tx.run(sql`
    insert into manifest_entries (list_id, number, path, algorithms, value, size_bytes, line, notes, previous_path, computed_at, stated)
    select ${listId}, ${first} + key, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,
      value ->> 6, value ->> 7, value ->> 8
    from json_each(${piece}) where true on conflict do nothing`);
  return tx.get<{ entries: number }>(sql`select json_array_length(${piece}) as entries`).entries;
}

/** Deletes the entries of lists that were removed from the request, batch by batch. */
export async function forgetRemoved(ctx: Context, job: ComparisonJob): Promise<void> {
  const { requestId } = job.payload;
  const present = ctx.db
    .select({ id: deliveredFiles.id })
    .from(deliveredFiles)
    .where(
      and(
        eq(deliveredFiles.requestId, requestId),
        isNull(deliveredFiles.removedAt),
        eq(deliveredFiles.isManifest, true),
      ),
    );
  const removed = ctx.db
    .select({ id: manifests.fileId })
    .from(manifests)
    .where(and(eq(manifests.requestId, requestId), notInArray(manifests.fileId, present)))
    .all();
  for (const { id } of removed) {
    const last = ctx.db
      .select({ last: sql<number>`coalesce(max(${manifestEntries.number}), -1)` })
      .from(manifestEntries)
      .where(eq(manifestEntries.listId, id))
      .get()!.last;
    const starts = Array.from({ length: Math.ceil((last + 1) / rowsPerBatch) }, (_, at) => at * rowsPerBatch);
    await inTurns(starts, (start) => {
      underLease(ctx.db, job, (tx) => {
        const batch = lt(manifestEntries.number, start + rowsPerBatch);
        tx.delete(manifestEntries)
          .where(and(eq(manifestEntries.listId, id), batch))
          .run();
      });
    });
    underLease(ctx.db, job, (tx) => {
      tx.delete(ignoredFiles).where(eq(ignoredFiles.listId, id)).run();
      tx.delete(manifests).where(eq(manifests.fileId, id)).run();
    });
  }
}
