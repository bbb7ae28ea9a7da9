/**
 * The tree of a Workspace and what is counted in it: entries are put into their place and taken out of it here alone, with
 * the counters of all folders above and the sequences they belong to, in the caller's transaction.
 */
import { and, count, eq, gt, inArray, isNull, sql } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { entries, entryDownloads } from '@turnover/db/schema/entries';
import { shares } from '@turnover/db/schema/shares';
import { nameKey } from '@turnover/domain/names';
import { storedLookAlikeKey } from '@turnover/domain/names/look-alikes';
import { frameNameOf, parseFrameName, sequenceKey } from '@turnover/domain/sequences';
import { sortKey } from '@turnover/domain/sort-keys';
import type { Entry } from './access.ts';
import type { Context } from './context.ts';
import { inList } from './in-list.ts';

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
  const seat = seatOf(tx, ctx, place, name);
  tx.insert(entries)
    .values({
      ...{ id, projectId: place.projectId, ownerId: place.ownerId, kind: 'file', assetId, sizeBytes },
      ...{ ...keysOf(name), ...seat, fileCount: 1, stateRank: state === 'verifying' ? 0 : 2 },
      ...{ createdAt: now, updatedAt: now, updatedBy: by },
    })
    .run();
  addTo(tx, ctx, seat.parentId, { items: 1, files: 1, bytes: sizeBytes });
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
      ...{ id, projectId: place.projectId, ownerId: place.ownerId, parentId: place.folderId, kind: 'folder' },
      ...{ ...keysOf(name), rank: 0, createdAt: now, updatedAt: now, updatedBy: by },
    })
    .run();
  addTo(tx, ctx, place.folderId, { items: 1, files: 0, bytes: 0 });
  return id;
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
  if (entry.kind === 'sequence' && name !== entry.name) renameFrames(tx, ctx, entry, name);
  const seat = entry.kind === 'file' ? seatOf(tx, ctx, place, name, isReturn) : { parentId: place.folderId };
  const keys = entry.kind === 'sequence' ? sequenceKeysOf(name) : keysOf(name);
  tx.update(entries)
    .set({ ...keys, ...seat, deletedAt: null, deletedBy: null, updatedAt: ctx.clock(), updatedBy: by })
    .where(eq(entries.id, entry.id))
    .run();
  addTo(tx, ctx, seat.parentId, { items: 1, files: entry.fileCount, bytes: entry.sizeBytes });
}

function enterSequence(tx: Transaction, ctx: Context, frame: Entry, sequenceId: string): void {
  detach(tx, ctx, frame);
  tx.update(entries).set({ parentId: sequenceId, deletedAt: null }).where(eq(entries.id, frame.id)).run();
  addTo(tx, ctx, sequenceId, { items: 1, files: 1, bytes: frame.sizeBytes });
}

/** The one frame of a pattern that is in a place without a sequence. */
export function loneFrame(db: Reader, place: Place, key: string): Entry | undefined {
  return db
    .select()
    .from(entries)
    .where(
      and(eq(entries.placeKey, placeKeyOf(place)), eq(entries.sequenceKey, key), isNull(entries.deletedAt)),
    )
    .get();
}

/** Takes an entry out of what holds it; the caller puts it elsewhere, into the trash, or deletes it. */
export function detach(tx: Transaction, ctx: Context, entry: Entry): void {
  detachAll(tx, ctx, [entry]);
}

/** Several at once, each folder counted once. Until they are put elsewhere they count as deleted: nothing finds them. */
export function detachAll(tx: Transaction, ctx: Context, taken: readonly Entry[]): void {
  for (const [parentId, children] of Map.groupBy(taken, (entry) => entry.parentId)) {
    const ids = children.map(({ id }) => id);
    tx.update(entries).set({ deletedAt: ctx.clock() }).where(inList(entries.id, ids)).run();
    if (parentId === null) continue;
    const parent = tx.select().from(entries).where(eq(entries.id, parentId)).get();
    // A frame that leaves its sequence lies where that lies.
    if (parent?.kind === 'sequence') {
      tx.update(entries).set({ parentId: parent.parentId }).where(inList(entries.id, ids)).run();
    }
    addTo(tx, ctx, parentId, {
      items: -children.length,
      files: -children.reduce((sum, { fileCount }) => sum + fileCount, 0),
      bytes: -children.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    });
  }
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
  const sequence = frame && keptNamed(db, placeKey, sequenceKey(frame.pattern));
  return sequence ? keptNamed(db, sequence.id, nameKey(name)) : undefined;
}

/** The sequence of this pattern in the place. */
export function findSequence(db: Reader, place: Place, pattern: string): Entry | undefined {
  return keptNamed(db, placeKeyOf(place), sequenceKey(pattern));
}

/** The bytes of a file are known to be right: its row says so. */
export function markVerified(tx: Transaction, assetId: string): void {
  tx.update(entries).set({ stateRank: 2 }).where(eq(entries.assetId, assetId)).run();
}

type Seat = { parentId: string | null; sequenceKey: string | null; frame: number | null };

/** Where a file of this name goes: two frames of one pattern in a folder make a sequence, and every further one joins it. */
function seatOf(tx: Transaction, ctx: Context, place: Place, name: string, isReturn = false): Seat {
  const parsed = parseFrameName(name);
  if (!parsed) return { parentId: place.folderId, sequenceKey: null, frame: null };
  const key = sequenceKey(parsed.pattern);
  const seat = { sequenceKey: key, frame: parsed.frame };
  const sequenceId =
    keptNamed(tx, placeKeyOf(place), key)?.id ?? (isReturn ? reviveSequence(tx, ctx, place, key) : null);
  if (sequenceId) return { ...seat, parentId: sequenceId };
  const sibling = loneFrame(tx, place, key);
  if (!sibling) return { ...seat, parentId: place.folderId };
  const { pattern } = parseFrameName(sibling.name) ?? parsed;
  return { ...seat, parentId: beginSequence(tx, ctx, place, pattern, sibling) };
}

function beginSequence(tx: Transaction, ctx: Context, place: Place, pattern: string, first: Entry): string {
  const id = ctx.newId('entry');
  const now = ctx.clock();
  tx.insert(entries)
    .values({
      ...{ id, projectId: place.projectId, ownerId: place.ownerId, parentId: place.folderId },
      ...{ kind: 'sequence', ...sequenceKeysOf(pattern), createdAt: now, updatedAt: now },
    })
    .run();
  addTo(tx, ctx, place.folderId, { items: 1, files: 0, bytes: 0 });
  enterSequence(tx, ctx, first, id);
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
        ...[eq(entries.placeKey, placeKeyOf(place)), eq(entries.nameKey, key)],
      ),
    )
    .get();
  if (!ended) return null;
  tx.update(entries).set({ deletedAt: null }).where(eq(entries.id, ended.id)).run();
  addTo(tx, ctx, place.folderId, { items: 1, files: 0, bytes: 0 });
  const lone = loneFrame(tx, place, key);
  if (lone) enterSequence(tx, ctx, lone, ended.id);
  return ended.id;
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
  settleSequence(tx, ctx, folderId);
}

/** Range and state of a sequence after its frames changed; one without frames goes. In one statement: it is done for every frame. */
function settleSequence(tx: Transaction, ctx: Context, id: string): void {
  // Each end by itself: SQLite finds one end of an index at once, and both together only by reading all of it.
  const edge = (end: 'min' | 'max') => sql`(
    select ${sql.raw(end)}(frame) from entries as each
    where each.parent_id = entries.id and each.deleted_at is null and each.frame is not null)`;
  const settled = tx.get<{ frames: number } | undefined>(sql`
    update entries set first_frame = ${edge('min')}, last_frame = ${edge('max')},
      state_rank = case ${edge('max')} - ${edge('min')} + 1 when item_count then 2 else 1 end
    where id = ${id} and kind = 'sequence' returning item_count as frames`);
  if (settled?.frames !== 0) return;
  endSequence(tx, ctx, tx.select().from(entries).where(eq(entries.id, id)).get()!);
}

/** Nobody sees an empty sequence. Where somebody had a share of it the row stays, out of reach, until the trash is emptied. */
function endSequence(tx: Transaction, ctx: Context, sequence: Entry): void {
  if (sequence.deletedAt !== null) return;
  const { shared } = tx
    .select({ shared: count() })
    .from(shares)
    .where(eq(shares.entryId, sequence.id))
    .get()!;
  if (shared === 0) tx.delete(entries).where(eq(entries.id, sequence.id)).run();
  else tx.update(entries).set({ deletedAt: ctx.clock() }).where(eq(entries.id, sequence.id)).run();
  addTo(tx, ctx, sequence.parentId, { items: -1, files: 0, bytes: 0 });
}

/** Every frame follows the new pattern of its sequence. */
function renameFrames(tx: Transaction, ctx: Context, sequence: Entry, pattern: string): void {
  const frames = tx
    .select({ id: entries.id, frame: entries.frame })
    .from(entries)
    .where(and(eq(entries.parentId, sequence.id), isNull(entries.deletedAt)))
    .all();
  const keys = frames.map(({ id, frame }) => ({ id, ...keysOf(frameNameOf(pattern, frame ?? 0)) }));
  tx.run(sql`
    update entries set name = keys.value ->> 'name', name_key = keys.value ->> 'nameKey', look_key = keys.value ->> 'lookKey',
      sort_key = keys.value ->> 'sortKey', sequence_key = ${sequenceKey(pattern)}, updated_at = ${ctx.clock()}
    from json_each(${JSON.stringify(keys)}) as keys where entries.id = keys.value ->> 'id'`);
}

function keptNamed(db: Reader, placeKey: string, key: string): Entry | undefined {
  return db
    .select()
    .from(entries)
    .where(and(eq(entries.placeKey, placeKey), eq(entries.nameKey, key), isNull(entries.deletedAt)))
    .get();
}

function keysOf(name: string) {
  return { name, nameKey: nameKey(name), lookKey: storedLookAlikeKey(name), sortKey: sortKey(name) };
}

function sequenceKeysOf(pattern: string) {
  const look = storedLookAlikeKey(pattern);
  const lookKey = look && sequenceKey(look);
  return { name: pattern, nameKey: sequenceKey(pattern), lookKey, sortKey: sortKey(frameNameOf(pattern, 0)) };
}
