/**
 * The tree of a Workspace and its counters. Only this file attaches and detaches entries. It also updates the
 * counters of all folders above, and the sequences, in the caller's transaction.
 */
import { and, count, eq, gt, inArray, isNull, ne, sql } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { entries, entryDownloads } from '@turnover/db/schema/entries';
import { shares } from '@turnover/db/schema/shares';
import { nameKey } from '@turnover/domain/names/names';
import { storedLookAlikeKey } from '@turnover/domain/names/look-alikes';
import { parseFrameName, parsePattern, sequenceKey } from '@turnover/domain/sequences/frame-names';
import { sortKey } from '@turnover/domain/names/sort-keys';
import type { Entry } from '../access.ts';
import type { Context } from '../context.ts';
import {
  frameJoined,
  keysOfPattern,
  lookOfSequence,
  looseFrames,
  nameFrames,
  wouldCount,
  resettle,
} from './sequences.ts';
import { inList } from '../in-list.ts';

/** A folder in one person's Workspace; `folderId` null is the root. */
export type Place = { projectId: string; ownerId: string; folderId: string | null };

/**
 * `deletedAt` of entries that are being deleted for good. Older than any date, so that no list and no restore takes
 * them for trash.
 */
export const condemnedAt = 0;

/**
 * `by` is null when the hub acts. `isReturn`: the entry comes back to where it was, with the shares of its sequence.
 */
type Change = { by: string | null; isReturn?: boolean };

export function placeKeyOf({ projectId, ownerId, folderId }: Place): string {
  return folderId ?? projectId + ownerId;
}

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
  { by }: Change,
): string {
  const now = ctx.clock();
  const id = ctx.newId('entry');
  tx.insert(entries)
    .values({
      id,
      projectId: place.projectId,
      ownerId: place.ownerId,
      parentId: place.folderId,
      kind: 'folder',
      ...keysOf(name),
      rank: 0,
      createdAt: now,
      updatedAt: now,
      updatedBy: by,
    })
    .run();
  addTo(tx, ctx, place.folderId, { items: 1, files: 0, bytes: 0 });
  return id;
}

/** Creates a chain of nested folders, none of which exists. Counts the first one in its parent and looks nothing up. */
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

/** Puts a new or detached entry into its place, under a name that is free there. */
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
    .set({ ...keys, parentId: seat.parentId, deletedAt: null, deletedBy: null, ...touchedBy(ctx, by) })
    .where(eq(entries.id, entry.id))
    .run();
  addTo(tx, ctx, seat.parentId, { items: 1, files: entry.fileCount, bytes: entry.sizeBytes });
  if (isInSequence) frameJoined(tx, seat.parentId!, seat.frame!);
}

/** Takes an entry out of its parent. The caller attaches, trashes or deletes it. */
export function detach(tx: Transaction, ctx: Context, entry: Entry): void {
  detachAll(tx, ctx, [entry]);
}

/**
 * Detaches several entries and counts each folder once. Until they are attached they count as deleted, so nothing
 * finds them.
 */
export function detachAll(tx: Transaction, ctx: Context, taken: readonly Pick<Entry, 'id'>[]): void {
  const ids = taken.map(({ id }) => id);
  // Read again: an entry that left before may have ended the sequence that held the others.
  for (const [parentId, group] of Map.groupBy(lyingNow(tx, ids), (entry) => entry.parentId)) {
    const children = lyingNow(
      tx,
      group.map(({ id }) => id),
    );
    const leaving = children.map(({ id }) => id);
    tx.update(entries).set({ deletedAt: ctx.clock() }).where(inList(entries.id, leaving)).run();
    if (parentId === null) continue;
    const parent = tx.select().from(entries).where(eq(entries.id, parentId)).get();
    // A frame that leaves its sequence moves to the folder of the sequence.
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

/** Renames an entry in its place. A frame may join another sequence by that. */
export function rename(tx: Transaction, ctx: Context, entry: Entry, name: string, change: Change): void {
  const place = { projectId: entry.projectId, ownerId: entry.ownerId, folderId: folderOf(tx, entry) };
  detach(tx, ctx, entry);
  attach(tx, ctx, entry, place, name, change);
}

/** The folder that people see an entry in: for a frame, that of its sequence. */
export function folderOf(db: Reader, { parentId }: Pick<Entry, 'parentId'>): string | null {
  if (parentId === null) return null;
  const parent = db.select().from(entries).where(eq(entries.id, parentId)).get();
  return parent?.kind === 'sequence' ? parent.parentId : parentId;
}

/** The entry of this name in the place, directly or as a frame of a sequence there. */
export function findEntry(db: Reader, place: Place, name: string): Entry | undefined {
  const placeKey = placeKeyOf(place);
  const direct = keptNamed(db, placeKey, nameKey(name));
  if (direct) return direct;
  const frame = parseFrameName(name);
  for (const { id } of frame ? sequencesOf(db, place, sequenceKey(frame)) : []) {
    const found = keptNamed(db, id, nameKey(name));
    if (found) return found;
  }
  return undefined;
}

/** Sequences of this pattern in the place, and files that could be its frames. Returns at most two. */
export function findSequence(db: Reader, place: Place, pattern: string, exceptId?: string): Entry[] {
  const parsed = parsePattern(pattern);
  if (!parsed) return [];
  const { placeKey, sequenceKey: key, deletedAt, id } = entries;
  return db
    .select()
    .from(entries)
    .where(
      and(
        ...[eq(placeKey, placeKeyOf(place)), eq(key, sequenceKey(parsed)), isNull(deletedAt)],
        exceptId === undefined ? undefined : ne(id, exceptId),
      ),
    )
    .limit(2)
    .all();
}

/** Marks the entries of an asset whose hash was verified. */
export function markVerified(tx: Transaction, assetId: string): void {
  tx.update(entries).set({ stateRank: 2 }).where(eq(entries.assetId, assetId)).run();
}

type Seat = {
  parentId: string | null;
  sequenceKey: string | null;
  frame: number | null;
  isInSequence: boolean;
};

function seatFor(parentId: string | null): Seat {
  return { parentId, sequenceKey: null, frame: null, isInSequence: false };
}

/**
 * Where a file of this name goes: into its sequence if there is one, or if it now makes the numbers of a folder count
 * something.
 */
function seatOf(tx: Transaction, ctx: Context, place: Place, name: string, isReturn = false): Seat {
  const parsed = parseFrameName(name);
  if (!parsed) return seatFor(place.folderId);
  const key = sequenceKey(parsed);
  const seat = { sequenceKey: key, frame: parsed.frame };
  const sequence =
    sequencesOf(tx, place, key)[0]?.id ?? (isReturn ? reviveSequence(tx, ctx, place, key) : null);
  if (sequence) return { ...seat, parentId: sequence, isInSequence: true };
  if (!wouldCount(tx, placeKeyOf(place), key, parsed)) {
    return { ...seat, parentId: place.folderId, isInSequence: false };
  }
  return { ...seat, parentId: beginSequence(tx, ctx, place, key), isInSequence: true };
}

/**
 * Only a migration leaves two sequences of one key in a place, shared with different people. New frames go to the
 * first.
 */
function sequencesOf(db: Reader, place: Place, key: string): Pick<Entry, 'id'>[] {
  const { id, nameKey: ownKey } = entries;
  return db
    .select({ id })
    .from(entries)
    .where(
      and(
        ...[eq(entries.placeKey, placeKeyOf(place)), eq(entries.sequenceKey, key)],
        ...[eq(entries.kind, 'sequence'), isNull(entries.deletedAt)],
      ),
    )
    .orderBy(sql`${ownKey} <> ${entries.sequenceKey}`)
    .all();
}

function beginSequence(tx: Transaction, ctx: Context, place: Place, key: string): string {
  const id = ctx.newId('entry');
  const now = ctx.clock();
  tx.insert(entries)
    .values({
      id,
      projectId: place.projectId,
      ownerId: place.ownerId,
      parentId: place.folderId,
      // It is renamed after its lowest frame as soon as it has one.
      kind: 'sequence',
      name: key.slice(1),
      nameKey: key,
      lookKey: lookOfSequence(key),
      sequenceKey: key,
      createdAt: now,
      updatedAt: now,
    })
    .run();
  addTo(tx, ctx, place.folderId, { items: 1, files: 0, bytes: 0 });
  takeIn(tx, ctx, place, key, id);
  return id;
}

/** Brings back a sequence that ended with its last frame and whose row stayed for its shares. */
function reviveSequence(tx: Transaction, ctx: Context, place: Place, key: string): string | null {
  const ended = tx
    .select()
    .from(entries)
    .where(
      and(
        ...[eq(entries.projectId, place.projectId), eq(entries.ownerId, place.ownerId)],
        ...[gt(entries.deletedAt, condemnedAt), eq(entries.kind, 'sequence'), eq(entries.itemCount, 0)],
        ...[eq(entries.placeKey, placeKeyOf(place)), eq(entries.sequenceKey, key), gt(entries.shareCount, 0)],
      ),
    )
    .get();
  if (!ended) return null;
  const anew = { firstFrame: null, lastFrame: null, frameCount: 0, frameDivisor: 0 };
  tx.update(entries)
    .set({ deletedAt: null, nameKey: key, ...anew })
    .where(eq(entries.id, ended.id))
    .run();
  addTo(tx, ctx, place.folderId, { items: 1, files: 0, bytes: 0 });
  takeIn(tx, ctx, place, key, ended.id);
  return ended.id;
}

/**
 * Moves all loose frames of the place into the sequence. They stay below the same folders, so the totals of those do
 * not change.
 */
function takeIn(tx: Transaction, ctx: Context, place: Place, key: string, sequenceId: string): void {
  const loose = looseFrames(tx, placeKeyOf(place), key);
  if (loose.length === 0) return;
  const ids = loose.map(({ id }) => id);
  const bytes = loose.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  tx.update(entries).set({ parentId: sequenceId }).where(inList(entries.id, ids)).run();
  addTo(tx, ctx, place.folderId, { items: -ids.length, files: -ids.length, bytes: -bytes });
  addTo(tx, ctx, sequenceId, { items: ids.length, files: ids.length, bytes });
  resettle(tx, sequenceId);
}

/**
 * After frames left: deletes an empty sequence, and turns a single frame into a file again unless the sequence is
 * shared.
 */
function framesLeft(tx: Transaction, ctx: Context, id: string, leaving: readonly string[]): void {
  const sequence = tx.select().from(entries).where(eq(entries.id, id)).get()!;
  const { itemCount, shareCount, deletedAt } = sequence;
  const stays = itemCount > 1 || (itemCount === 1 && shareCount > 0);
  if (stays || deletedAt !== null) {
    resettle(tx, id, leaving);
    return;
  }
  if (itemCount === 1) letOut(tx, ctx, sequence);
  endSequence(tx, ctx, sequence);
}

function letOut(tx: Transaction, ctx: Context, { id, parentId }: Entry): void {
  const [last] = tx
    .update(entries)
    .set({ parentId })
    .where(and(eq(entries.parentId, id), isNull(entries.deletedAt)))
    .returning()
    .all();
  addTo(tx, ctx, id, { items: -1, files: -1, bytes: -last!.sizeBytes });
  addTo(tx, ctx, parentId, { items: 1, files: 1, bytes: last!.sizeBytes });
}

/** Ends a sequence. If it was shared, the row stays in the trash, invisible, until the trash is emptied. */
function endSequence(tx: Transaction, ctx: Context, sequence: Entry): void {
  const { shared } = tx
    .select({ shared: count() })
    .from(shares)
    .where(eq(shares.entryId, sequence.id))
    .get()!;
  if (shared === 0) tx.delete(entries).where(eq(entries.id, sequence.id)).run();
  else tx.update(entries).set({ deletedAt: ctx.clock() }).where(eq(entries.id, sequence.id)).run();
  addTo(tx, ctx, sequence.parentId, { items: -1, files: 0, bytes: 0 });
}

type Difference = { items: number; files: number; bytes: number };

/** Counts what came into or left `folderId`: rows there, files and bytes also in everything above it. */
function addTo(
  tx: Transaction,
  ctx: Context,
  folderId: string | null,
  { items, files, bytes }: Difference,
): void {
  if (folderId === null) return;
  tx.update(entries)
    .set({ itemCount: sql`${entries.itemCount} + ${items}`, updatedAt: ctx.clock() })
    .where(eq(entries.id, folderId))
    .run();
  if (files !== 0 || bytes !== 0) {
    tx.run(sql`
      with recursive above(id) as (
        select ${folderId}
        union all
        -- What is in the trash is not counted by what it lay in.
        select parent_id from above join entries using (id) where parent_id is not null and deleted_at is null
      )
      update entries set file_count = file_count + ${files}, size_bytes = size_bytes + ${bytes}
      where id in (select id from above)`);
  }
}

function keptNamed(db: Reader, placeKey: string, key: string): Entry | undefined {
  return db
    .select()
    .from(entries)
    .where(and(eq(entries.placeKey, placeKey), eq(entries.nameKey, key), isNull(entries.deletedAt)))
    .get();
}

function touchedBy(ctx: Context, by: string | null) {
  return { updatedAt: ctx.clock(), updatedBy: by };
}

function keysOf(name: string) {
  return { name, nameKey: nameKey(name), lookKey: storedLookAlikeKey(name), sortKey: sortKey(name) };
}
