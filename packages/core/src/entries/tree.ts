/**
 * The tree of a Workspace. Only this file attaches and detaches entries. In the same transaction it updates the counters of
 * all folders above, and the sequences.
 */
import { eq, inArray } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { entries, entryDownloads } from '@turnover/db/schema/entries';
import { shares } from '@turnover/db/schema/shares';
import { nameKey } from '@turnover/domain/names/names';
import { storedLookAlikeKey } from '@turnover/domain/names/look-alikes';
import { sortKey } from '@turnover/domain/names/sort-keys';
import type { Entry } from '../access.ts';
import type { Context } from '../context.ts';
import { frameJoined, keysOfPattern, nameFrames } from './sequences.ts';
import { inList } from '../in-list.ts';
import { addTo } from './counters.ts';
import { folderOf, type Place } from './lookup.ts';
import { framesLeft, seatFor, seatOf } from './sequence-seats.ts';

/** `by`: null when the hub acts. `isReturn`: the entry returns to its old place, with the shares of its sequence. */
type Change = { by: string | null; isReturn?: boolean };
export type NewFile = { name: string; assetId: string; sizeBytes: number; state: 'verifying' | 'stored' };

export function insertFile(
  tx: Transaction,
  ctx: Context,
  place: Place,
  file: NewFile,
  { by }: Change,
): string {
  const now = ctx.clock();
  const id = ctx.newId('entry');
  const { name, assetId, sizeBytes, state } = file;
  const { isInSequence, ...seat } = seatOf(tx, ctx, place, name);
  tx.insert(entries)
    .values({
      id,
      projectId: place.projectId,
      ownerId: place.ownerId,
      kind: 'file',
      assetId,
      sizeBytes,
      ...keysOf(name),
      ...seat,
      fileCount: 1,
      stateRank: state === 'verifying' ? 0 : 2,
      createdAt: now,
      updatedAt: now,
      updatedBy: by,
    })
    .run();
  addTo(tx, ctx, seat.parentId, { items: 1, files: 1, bytes: sizeBytes });
  if (isInSequence) frameJoined(tx, seat.parentId!, seat.frame!);
  return id;
}

export function insertFolderRow(
  tx: Transaction,
  ctx: Context,
  place: Place,
  name: string,
  change: Change,
): string {
  return insertFolderChain(tx, ctx, place, [name], change)!;
}

/** Creates nested folders, none of which exists yet, so it looks nothing up. Counts the first one in its parent. */
export function insertFolderChain(
  tx: Transaction,
  ctx: Context,
  { projectId, ownerId, folderId }: Place,
  names: readonly string[],
  { by }: Change,
): string | null {
  const now = ctx.clock();
  let parentId = folderId;
  for (const [index, name] of names.entries()) {
    const id = ctx.newId('entry');
    const itemCount = index < names.length - 1 ? 1 : 0;
    tx.insert(entries)
      .values({
        id,
        projectId,
        ownerId,
        parentId,
        itemCount,
        kind: 'folder',
        ...keysOf(name),
        rank: 0,
        createdAt: now,
        updatedAt: now,
        updatedBy: by,
      })
      .run();
    parentId = id;
  }
  if (names.length > 0) addTo(tx, ctx, folderId, { items: 1, files: 0, bytes: 0 });
  return parentId;
}

/** Puts a new or detached entry into its place. Its name must be free there. */
export function attach(
  tx: Transaction,
  ctx: Context,
  entry: Entry,
  place: Place,
  name: string,
  { by, isReturn }: Change,
): void {
  if (entry.ownerId !== place.ownerId || entry.projectId !== place.projectId) {
    throw new Error('An entry stays with its owner and in its project.');
  }
  const isFrames = entry.kind === 'sequence';
  if (isFrames && name !== entry.name) nameFrames(tx, ctx, entry, name);
  const { isInSequence, ...seat } =
    entry.kind === 'file' ? seatOf(tx, ctx, place, name, isReturn) : seatFor(place.folderId);
  const keys = isFrames ? keysOfPattern(name) : { ...keysOf(name), ...seat };
  tx.update(entries)
    .set({
      ...keys,
      parentId: seat.parentId,
      deletedAt: null,
      deletedBy: null,
      placedAt: ctx.clock(),
      updatedBy: by,
    })
    .where(eq(entries.id, entry.id))
    .run();
  addTo(tx, ctx, seat.parentId, { items: 1, files: entry.fileCount, bytes: entry.sizeBytes });
  if (isInSequence) frameJoined(tx, seat.parentId!, seat.frame!);
}

/** Takes an entry out of its parent. The caller then attaches, trashes or deletes it. */
export function detach(tx: Transaction, ctx: Context, entry: Entry): void {
  detachAll(tx, ctx, [entry]);
}

/**
 * Detaches several entries and counts each folder once. Until they are attached again they count as deleted, so that nothing
 * finds them.
 */
export function detachAll(tx: Transaction, ctx: Context, taken: readonly Pick<Entry, 'id'>[]): void {
  const ids = taken.map(({ id }) => id);
  // Reads the rows again: detaching an earlier entry may have ended the sequence that held the others.
  for (const [parentId, group] of Map.groupBy(lyingNow(tx, ids), (entry) => entry.parentId)) {
    const children = lyingNow(
      tx,
      group.map(({ id }) => id),
    );
    const leaving = children.map(({ id }) => id);
    tx.update(entries).set({ deletedAt: ctx.clock() }).where(inList(entries.id, leaving)).run();
    if (parentId === null) continue;
    const parent = tx.select().from(entries).where(eq(entries.id, parentId)).get();
    // A frame that leaves its sequence moves to the folder that contains the sequence.
    if (parent?.kind === 'sequence') {
      tx.update(entries).set({ parentId: parent.parentId }).where(inList(entries.id, leaving)).run();
    }
    addTo(tx, ctx, parentId, {
      items: -children.length,
      files: -children.reduce((sum, { fileCount }) => sum + fileCount, 0),
      bytes: -children.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    });
    if (parent?.kind === 'sequence') framesLeft(tx, ctx, parentId, leaving);
  }
}

function lyingNow(db: Reader, ids: readonly string[]) {
  const { id, parentId, fileCount, sizeBytes } = entries;
  return db.select({ id, parentId, fileCount, sizeBytes }).from(entries).where(inList(entries.id, ids)).all();
}

/** Moves entries with everything in them to the trash. */
export function trashEntries(tx: Transaction, ctx: Context, taken: readonly Entry[], { by }: Change): void {
  detachAll(tx, ctx, taken);
  const ids = taken.map(({ id }) => id);
  tx.update(entries).set({ deletedAt: ctx.clock(), deletedBy: by }).where(inList(entries.id, ids)).run();
}

/** Hard-deletes the entry and its shares, for the entry of a rejected upload. */
export function deleteEntry(tx: Transaction, ctx: Context, entry: Entry): void {
  if (entry.deletedAt === null) detach(tx, ctx, entry);
  tx.delete(entryDownloads).where(eq(entryDownloads.entryId, entry.id)).run();
  const ofEntry = tx.select({ id: shares.id }).from(shares).where(eq(shares.entryId, entry.id));
  tx.update(shares)
    .set({ parentId: null, revokedAt: ctx.clock() })
    .where(inArray(shares.parentId, ofEntry))
    .run();
  tx.delete(shares).where(eq(shares.entryId, entry.id)).run();
  tx.delete(entries).where(eq(entries.id, entry.id)).run();
}

/** Renames an entry in its place. The new name may make a frame join another sequence. */
export function rename(tx: Transaction, ctx: Context, entry: Entry, name: string, change: Change): void {
  const place = { projectId: entry.projectId, ownerId: entry.ownerId, folderId: folderOf(tx, entry) };
  detach(tx, ctx, entry);
  attach(tx, ctx, entry, place, name, change);
}

/** Marks the entries of an asset whose checksum was verified. */
export function markVerified(tx: Transaction, assetId: string): void {
  tx.update(entries).set({ stateRank: 2 }).where(eq(entries.assetId, assetId)).run();
}

function keysOf(name: string) {
  return { name, nameKey: nameKey(name), lookKey: storedLookAlikeKey(name), sortKey: sortKey(name) };
}
