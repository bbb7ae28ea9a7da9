/**
 * The tree of a Workspace and what is counted in it: entries are put into their place and taken out of it here alone, with
 * the counters of all folders above and the sequences they belong to, in the caller's transaction.
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

/** One folder of one person's Workspace; `folderId` null is its root. */
export type Place = { projectId: string; ownerId: string; folderId: string | null };

/** `deletedAt` of what is on its way out. Older than anything, so that no list and no restore takes it for trash. */
export const condemnedAt = 0;

/** `by`: who does it; null: the hub. `isReturn`: what lay here before comes back, with the shares of its sequence. */
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

/** Folders one in another, none of which is there: with what holds the first counted once, and nothing looked for. */
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

/** Puts an entry that is nowhere, or was taken out of its place, where it is to be, under a name that is free there. */
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

/** Takes an entry out of what holds it; the caller puts it elsewhere, into the trash, or deletes it. */
export function detach(tx: Transaction, ctx: Context, entry: Entry): void {
  detachAll(tx, ctx, [entry]);
}

/** Several at once, each folder counted once. Until they are put elsewhere they count as deleted: nothing finds them. */
export function detachAll(tx: Transaction, ctx: Context, taken: readonly Pick<Entry, 'id'>[]): void {
  const ids = taken.map(({ id }) => id);
  // As they lie now: what left before may have ended the sequence that held the rest.
  for (const [parentId, group] of Map.groupBy(lyingNow(tx, ids), (entry) => entry.parentId)) {
    const children = lyingNow(
      tx,
      group.map(({ id }) => id),
    );
    const leaving = children.map(({ id }) => id);
    tx.update(entries).set({ deletedAt: ctx.clock() }).where(inList(entries.id, leaving)).run();
    if (parentId === null) continue;
    const parent = tx.select().from(entries).where(eq(entries.id, parentId)).get();
    // A frame that leaves its sequence lies where that lies.
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

/** Into the trash, with all they hold. */
export function trashEntries(tx: Transaction, ctx: Context, taken: readonly Entry[], { by }: Change): void {
  detachAll(tx, ctx, taken);
  const ids = taken.map(({ id }) => id);
  tx.update(entries).set({ deletedAt: ctx.clock(), deletedBy: by }).where(inList(entries.id, ids)).run();
}

/** Gone for good, with the shares of it: for a file that never was one. */
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

/** Another name in the same place; a frame may change its sequence by it. */
export function rename(tx: Transaction, ctx: Context, entry: Entry, name: string, change: Change): void {
  const place = { projectId: entry.projectId, ownerId: entry.ownerId, folderId: folderOf(tx, entry) };
  detach(tx, ctx, entry);
  attach(tx, ctx, entry, place, name, change);
}

/** The folder that an entry lies in for people: that of its sequence, for a frame. */
export function folderOf(db: Reader, { parentId }: Pick<Entry, 'parentId'>): string | null {
  if (parentId === null) return null;
  const parent = db.select().from(entries).where(eq(entries.id, parentId)).get();
  return parent?.kind === 'sequence' ? parent.parentId : parentId;
}

/** The entry of this name in the place, if there is one: directly, or as a frame of a sequence. */
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

/** What of a sequence of this pattern is in the place: sequences, and files that could be frames of it and count nothing yet. */
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

/** The bytes of a file are known to be right: its row says so. */
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

/** Where a file of this name goes: into the sequence of its name, which begins as soon as the numbers of a folder count something. */
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

/** Only a migration leaves two of one key in a place, where they are shared with different people; new frames go to the first. */
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
      // Named after its lowest frame as soon as it has one.
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

/** A sequence that ended when its last frame left, and stayed for its shares. */
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

/** All files of the place that are frames of it. They stay below the same folders, whose bytes and files do not change. */
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

/** Nobody sees a sequence of nothing, and one frame alone is a file again, unless people were given the sequence. */
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

/** Where somebody had a share of it the row stays, out of reach, until the trash is emptied. */
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

/** Counts what came into or left `folderId`: rows in itself, files and bytes also in everything above it. */
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
