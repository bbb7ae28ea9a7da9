/** Moves entries of a Workspace: taken names, people who gain or lose access, and undo. */
import { eq, sql } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { entries } from '@turnover/db/schema/entries';
import { inTransaction } from '@turnover/db/transaction';
import {
  maxSelected,
  type CollisionChoice,
  type EntrySelection,
  type MovedEntry,
  type MovedView,
  type MoveInput,
  type MovePreviewView,
} from '@turnover/domain/workspace/entries';
import { HubError, notFound } from '@turnover/domain/errors';
import type { Entry } from '../access.ts';
import { inBatches, othersTurn } from '../batches.ts';
import type { PersonContext } from '../context.ts';
import { entriesAbove, loadEntry, loadTrashed } from '../entries/access.ts';
import { loadEntries, requireSome, selectedIds } from '../entries/selection.ts';
import { folderOf, placeKeyOf, type Place } from '../entries/lookup.ts';
import { attach, detach, trashEntries } from '../entries/tree.ts';
import { inList } from '../in-list.ts';
import { viewPeople } from '../people/person-view.ts';
import {
  freeName,
  nameTaken,
  placeFor,
  requireDepthOf,
  takenAt,
  signalEntries,
  signalWorkspace,
  uploadsTo,
} from '../entries/places.ts';
import { affected, watchersOf } from './sight.ts';

/** Entries moved per transaction; each takes about a millisecond. */
const batchOfMove = 10;
const batchOfLook = 1000;
/** Smaller than `batchOfMove`: an undo also restores the old name and what was replaced, which takes twice as long. */
const batchOfReturn = 5;
const collisionsListed = 20;
/** Entries that are checked before the first one moves. Each batch checks its own entries again. */
const checkedFirst = 500;

export async function moveEntries(ctx: PersonContext, input: MoveInput): Promise<MovedView> {
  const { projectId, selection, folderId, onCollision } = input;
  await othersTurn();
  const ids = selectedIds(ctx, projectId, selection);
  await othersTurn();
  const target = placeFor(ctx.db, ctx, projectId, folderId);
  // Refuses the whole move before the first entry moves.
  requireMovable(ctx.db, ctx, projectId, ids.slice(0, checkedFirst), target);
  const [collision] = onCollision === 'refuse' ? await collisionsAt(ctx.db, ids, target) : [];
  if (collision) throw nameTaken(collision.name, collision.by ?? undefined);
  await othersTurn();
  const undo: MovedEntry[] = [];
  let skipped = 0;
  await inBatches(ids, batchOfMove, (batch) => {
    const done = inTransaction(ctx.db, (tx) => {
      const place = placeFor(tx, ctx, projectId, folderId);
      return moveInto(tx, ctx, projectId, batch, place, onCollision, undo);
    });
    undo.push(...done);
    skipped += batch.length - done.length;
  });
  await othersTurn();
  return { moved: undo.length, skipped, undo: undo.length > maxSelected ? [] : undo };
}

/** Previews a move: which names are taken at the target, and who gains or loses access. */
export async function previewMove(
  ctx: PersonContext,
  {
    projectId,
    selection,
    folderId,
  }: { projectId: string; selection: EntrySelection; folderId: string | null },
): Promise<MovePreviewView> {
  await othersTurn();
  const ids = selectedIds(ctx, projectId, selection);
  await othersTurn();
  const target = placeFor(ctx.db, ctx, projectId, folderId);
  const moving = requireMovable(ctx.db, ctx, projectId, ids.slice(0, checkedFirst), target);
  const colliding = await collisionsAt(ctx.db, ids, target);
  await othersTurn();
  const { gains, loses } = changeOfSight(ctx, moving, target);
  return {
    entries: ids.length,
    collisions: colliding.slice(0, collisionsListed),
    collisionCount: colliding.length,
    uploadingCount: colliding.filter(({ by }) => by === 'upload').length,
    gains,
    loses,
  };
}

/** Moves entries back to their old places and names, and restores what was replaced. */
export async function undoMove(
  ctx: PersonContext,
  { projectId, moves }: { projectId: string; moves: readonly MovedEntry[] },
): Promise<void> {
  await othersTurn();
  await inBatches(moves, batchOfReturn, (batch) =>
    inTransaction(ctx.db, (tx) => {
      const ids = batch.map(({ entryId }) => entryId);
      signalEntries(tx, ctx, loadEntries(tx, ctx, projectId, ids, 'update'));
      for (const { entryId, fromFolderId, fromName, replacedId } of batch) {
        const back = placeFor(tx, ctx, projectId, fromFolderId);
        const [entry] = requireMovable(tx, ctx, projectId, [entryId], back) as [Entry];
        const here = { ...back, folderId: folderOf(tx, entry) };
        if (takenAt(tx, back, { ...entry, name: fromName })) throw nameTaken(fromName);
        put(tx, ctx, entry, back, fromName, { isReturn: true });
        if (replacedId) putBackReplaced(tx, ctx, replacedId, here);
      }
      signalEntries(tx, ctx, loadEntries(tx, ctx, projectId, ids, 'update'));
    }),
  );
}

/**
 * Moves the entries that are not in the target yet. Throws `name_taken` for the first collision unless another choice
 * is made. `before` lists what earlier batches of the same move brought; nothing in the move may replace those.
 */
export function moveInto(
  tx: Transaction,
  ctx: PersonContext,
  projectId: string,
  ids: readonly string[],
  target: Place,
  onCollision: CollisionChoice,
  before: readonly MovedEntry[] = [],
): MovedEntry[] {
  const arrived = new Set(before.map(({ entryId }) => entryId));
  const moving = requireMovable(tx, ctx, projectId, ids, target);
  signalEntries(tx, ctx, moving);
  const moved = moving.flatMap((loaded) => {
    // Reads the row again: moving the previous entry may have dissolved the sequence that contained both.
    const entry = tx.select().from(entries).where(eq(entries.id, loaded.id)).get() ?? loaded;
    const fromFolderId = folderOf(tx, entry);
    if (fromFolderId === target.folderId) return [];
    const taken = takenAt(tx, target, entry);
    if (taken && onCollision === 'skip') return [];
    const choice = taken?.entry && arrived.has(taken.entry.id) ? 'keepBoth' : onCollision;
    // An upload in progress cannot be replaced.
    if (taken && (choice === 'refuse' || (choice === 'replace' && !taken.entry))) {
      throw nameTaken(taken.name, taken.upload && 'upload');
    }
    if (taken?.entry && entriesAbove(tx, entry.id).some(({ id }) => id === taken.entry?.id)) {
      throw nameTaken(taken.name);
    }
    const replaced = choice === 'replace' ? taken?.entry : undefined;
    if (replaced) trashEntries(tx, ctx, [replaced], { by: ctx.person.id });
    const { kind } = entry;
    const name = taken && choice === 'keepBoth' ? freeName(tx, target, entry.name, { kind }) : entry.name;
    put(tx, ctx, entry, target, name);
    arrived.add(entry.id);
    const replacedId = replaced?.id ?? null;
    return [{ entryId: entry.id, fromFolderId, fromName: entry.name, replacedId }];
  });
  signalWorkspace(tx, ctx, target);
  return moved;
}

function put(
  tx: Transaction,
  ctx: PersonContext,
  entry: Entry,
  target: Place,
  name: string,
  how: { isReturn?: boolean } = {},
): void {
  detach(tx, ctx, entry);
  attach(tx, ctx, entry, target, name, { by: ctx.person.id, ...how });
}

function putBackReplaced(tx: Transaction, ctx: PersonContext, replacedId: string, place: Place): void {
  const replaced = loadTrashed(tx, ctx, replacedId);
  const layThere = replaced.projectId === place.projectId && replaced.ownerId === place.ownerId;
  if (!layThere || folderOf(tx, replaced) !== place.folderId) throw notFound();
  if (takenAt(tx, place, replaced)) throw nameTaken(replaced.name);
  requireDepthOf(tx, place.folderId, replaced);
  attach(tx, ctx, replaced, place, replaced.name, { by: ctx.person.id, isReturn: true });
  if (replaced.shareCount > 0) signalWorkspace(tx, ctx, { ...place, folderId: replacedId });
}

/**
 * Loads the entries. Throws unless the person may move all of them, they stay with their owner and within the share
 * that allows it, and none goes into itself or too deep.
 */
function requireMovable(
  db: Reader,
  ctx: PersonContext,
  projectId: string,
  ids: readonly string[],
  target: Place,
): Entry[] {
  const moving = [...requireSome(loadEntries(db, ctx, projectId, ids, 'update'))];
  const above = new Set(entriesAbove(db, target.folderId).map(({ id }) => id));
  const into = moving.find(({ id }) => above.has(id));
  if (into) throw new HubError('into_itself', 'A folder cannot be moved into itself.', { name: into.name });
  for (const entry of moving) {
    if (entry.ownerId !== target.ownerId) throw outOfShare(entry);
    requireDepthOf(db, target.folderId, entry);
  }
  if (target.ownerId !== ctx.person.id) requireWithinShares(db, ctx, moving, above);
  return moving;
}

/**
 * Throws unless each entry is below a shared folder and the target is in that folder: a share allows moves only inside it. A
 * share of the entry itself allows none. Checks once for each parent folder.
 */
function requireWithinShares(
  db: Reader,
  ctx: PersonContext,
  moving: readonly Entry[],
  above: ReadonlySet<string>,
): void {
  for (const [first] of Map.groupBy(moving, ({ parentId }) => parentId).values()) {
    const { access } = loadEntry(db, ctx, first!.id, 'update');
    const sharing = access.shares.filter((share) => share.canUpdate).map(({ chain }) => chain.at(-1)!);
    const holding = entriesAbove(db, first!.id);
    const isWithin = sharing.some(({ level }) => level > 0 && above.has(holding[level]!.id));
    if (!isWithin) throw outOfShare(first!);
  }
}

function outOfShare({ name }: Entry): HubError {
  return new HubError('out_of_share', `“${name}” can be moved within the shared folder, not out of it.`, {
    name,
  });
}

type Collision = MovePreviewView['collisions'][number];

/** The entries whose names are taken at the target, in order. Takes a few statements, whatever the number of entries. */
async function collisionsAt(db: Reader, ids: readonly string[], target: Place): Promise<Collision[]> {
  const found: (Collision & { sortKey: string })[] = [];
  await inBatches(ids, batchOfLook, (batch) => found.push(...collisionsOf(db, batch, target)));
  return found
    .toSorted((one, other) => (one.sortKey < other.sortKey ? -1 : Number(one.sortKey > other.sortKey)))
    .map(({ name, kind, by }) => ({ name, kind, by }));
}

function collisionsOf(
  db: Reader,
  ids: readonly string[],
  target: Place,
): (Collision & { sortKey: string })[] {
  const placeKey = placeKeyOf(target);
  const byEntry = sql`(exists (select 1 from entries as there where there.place_key = ${placeKey}
        and there.name_key = entries.name_key and there.deleted_at is null)
      or exists (select 1 from entries as sequence join entries as frame on frame.parent_id = sequence.id
        where sequence.place_key = ${placeKey} and sequence.sequence_key = entries.sequence_key
          and entries.kind = 'file' and sequence.kind = 'sequence'
          and sequence.deleted_at is null and frame.name_key = entries.name_key and frame.deleted_at is null
          and sequence.id <> entries.parent_id)
      or entries.kind = 'sequence' and exists (select 1 from entries as alike where alike.place_key = ${placeKey}
        and alike.sequence_key = entries.sequence_key and alike.deleted_at is null))`;
  const byUpload = sql`exists (select 1 from uploads
    where ${uploadsTo(target)} and uploads.path_key = entries.name_key and entries.kind <> 'sequence')`;
  return db.all(sql`
    select entries.name, entries.kind, entries.sort_key as sortKey, iif(${byEntry}, null, 'upload') as "by"
    from entries where ${inList(entries.id, ids)} and entries.place_key <> ${placeKey} and (${byEntry} or ${byUpload})`);
}

/**
 * The people who have access at one end of the move but not at the other, through shared folders or through shares
 * that depend on those.
 */
function changeOfSight(
  ctx: PersonContext,
  moving: readonly Entry[],
  target: Place,
): Pick<MovePreviewView, 'gains' | 'loses'> {
  const { db } = ctx;
  const targetAbove = entriesAbove(db, target.folderId).map(({ id }) => id);
  const gains = new Set<string>();
  const loses = new Set<string>();
  for (const { entryId, movingId } of affected(db, moving)) {
    const before = entriesAbove(db, entryId).map(({ id }) => id);
    const after = [...before.slice(0, before.indexOf(movingId) + 1), ...targetAbove];
    const saw = watchersOf(ctx, before, target.ownerId);
    const willSee = watchersOf(ctx, after, target.ownerId);
    for (const id of willSee) if (!saw.has(id)) gains.add(id);
    for (const id of saw) if (!willSee.has(id)) loses.add(id);
  }
  const people = viewPeople(db, [...gains, ...loses]);
  const named = (ids: Set<string>) => [...ids].flatMap((id) => people.get(id) ?? []);
  return { gains: named(gains), loses: named(loses) };
}
