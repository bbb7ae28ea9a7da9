/** What people do in their own or a shared Workspace: folders, names, deleting and restoring. */
import { and, asc, desc, eq, isNull } from 'drizzle-orm';
import { inTransaction } from '@turnover/db/transaction';
import type { Transaction } from '@turnover/db/open';
import { entries } from '@turnover/db/schema/entries';
import {
  maxSelected,
  type CreateFolderInput,
  type EntryDetailsView,
  type EntrySelection,
  type EntryView,
  type FramesView,
  type RemovedEntriesView,
} from '@turnover/domain/workspace/entries';
import type { CreateFoldersInput } from '@turnover/domain/workspace/checked-names';
import { HubError } from '@turnover/domain/errors';
import { parseRelativePath } from '@turnover/domain/names/names';
import { nameInvalid } from '@turnover/domain/names/refused-names';
import {
  parseFrameName,
  parsePattern,
  sequenceKey,
  type SequencePattern,
} from '@turnover/domain/sequences/frame-names';
import type { Entry } from '../access.ts';
import { checksumsOf } from '../assets/checksums.ts';
import { inBatches, othersTurn } from '../batches.ts';
import type { PersonContext } from '../context.ts';
import { changedMeanwhile, entriesAbove, loadEntry, loadTrashed, type SeenEntry } from '../entries/access.ts';
import { loadEntries, requireEntries, selectedIds } from '../entries/selection.ts';
import { folderOf, type Place } from '../entries/lookup.ts';
import { attach, deleteEntry, insertFolderRow, rename, trashEntries } from '../entries/tree.ts';
import { aroundGaps, gapsIn, sameFrameAs, sameFramesIn, viewEntry } from '../entries/view.ts';
import { inList } from '../in-list.ts';
import { expiresAtOf } from '../retention/ends.ts';
import {
  freeName,
  makeFolders,
  nameTaken,
  placeFor,
  refuseTakenName,
  requireDepth,
  requireDepthOf,
  requireName,
  takenAt,
  signalEntries,
  signalWorkspace,
} from '../entries/places.ts';
import { viewAccess } from '../entries/list.ts';
import { moveInto, undoMove } from './move.ts';
import { notifyDeleted, notifyRenamed } from './notices.ts';

const gapsListed = 50;
const sameFramesListed = 20;
/** Entries per transaction, which keeps each well under 20 ms. */
const batchOfRemoval = 50;
const batchOfReturn = 10;
/** Each path may create many folders. */
const batchOfFolders = 4;
/** A new folder with a selection succeeds as a whole or not at all, so the selection is limited. */
const maxIntoNewFolder = 200;
const batchOfNewFolder = 10;

export function getEntry(ctx: PersonContext, entry: SeenEntry): EntryDetailsView {
  const { assetId } = entry;
  const viewed = viewEntry(ctx, entry);
  return {
    ...viewed,
    checksums: assetId ? (checksumsOf(ctx.db, [assetId]).get(assetId) ?? []) : [],
    access: viewAccess(ctx.db, ctx, entry),
    ...framesInDetail(ctx, entry, viewed.frames),
    expiresAt: expiresAtOf(ctx.db, entry.projectId, entry.ownerId),
    delivered: entry.fileCount > 0 && viewed.delivery?.delivered === entry.fileCount,
  };
}

/** Reads all frames of a sequence, for more gaps than a list shows. */
function framesInDetail(
  { db }: PersonContext,
  entry: SeenEntry,
  frames: FramesView | null,
): Pick<EntryDetailsView, 'frames' | 'gaps' | 'sameFrames'> {
  // Entries beside the topmost visible one must not be revealed.
  const isTop = entry.access.rootId === entry.id;
  if (!frames) return { frames, gaps: [], sameFrames: isTop ? [] : sameFrameAs(db, entry) };
  const { first, last, step, missing } = frames;
  const gaps = missing > 0 ? gapsIn(db, entry.id, gapsListed, step) : [];
  const details = missing > 0 ? aroundGaps(first, last, step, missing, gaps) : {};
  const sameFrames = frames.duplicates > 0 ? sameFramesIn(db, entry.id, sameFramesListed) : [];
  return { frames: { ...frames, ...details }, gaps, sameFrames };
}

/** Creates a folder, empty or with the selection in it. */
export function createFolderWith(
  ctx: PersonContext,
  { selection, ...input }: CreateFolderInput,
): EntryView | Promise<EntryView> {
  return selection ? createFolderOf(ctx, input, selection) : createFolder(ctx, input);
}

export function createFolder(ctx: PersonContext, input: Omit<CreateFolderInput, 'selection'>): EntryView {
  const id = inTransaction(ctx.db, (tx) => insertFolder(tx, ctx, input).folderId!);
  return viewEntry(ctx, loadEntry(ctx.db, ctx, id));
}

/**
 * Creates a folder and moves the selection into it in batches. If one batch is refused, all entries go back and the
 * folder is deleted.
 */
export async function createFolderOf(
  ctx: PersonContext,
  input: Omit<CreateFolderInput, 'selection'>,
  selection: EntrySelection,
): Promise<EntryView> {
  const { projectId } = input;
  await othersTurn();
  const ids = selectedIds(ctx, projectId, selection);
  if (ids.length > maxIntoNewFolder) {
    throw new HubError(
      'invalid_input',
      'That is too many entries. Make the folder first, then move them into it.',
      {
        field: 'selection',
      },
    );
  }
  await othersTurn();
  const folder = inTransaction(ctx.db, (tx) => {
    const made = insertFolder(tx, ctx, input);
    return { ...made, moved: moveInto(tx, ctx, projectId, ids.slice(0, batchOfNewFolder), made, 'refuse') };
  });
  const { moved } = folder;
  await othersTurn();
  try {
    await inBatches(ids.slice(batchOfNewFolder), batchOfNewFolder, (batch) => {
      const done = inTransaction(ctx.db, (tx) =>
        moveInto(tx, ctx, projectId, batch, placeFor(tx, ctx, projectId, folder.folderId), 'refuse', moved),
      );
      moved.push(...done);
    });
  } catch (error) {
    await undoMove(ctx, { projectId, moves: moved });
    inTransaction(ctx.db, (tx) => deleteIfEmpty(tx, ctx, folder.folderId!));
    throw error;
  }
  return viewEntry(ctx, loadEntry(ctx.db, ctx, folder.folderId!));
}

function insertFolder(
  tx: Transaction,
  ctx: PersonContext,
  { projectId, parentId, name }: Omit<CreateFolderInput, 'selection'>,
): Place {
  requireName(name);
  const place = placeFor(tx, ctx, projectId, parentId);
  requireDepth(tx, parentId, 1);
  refuseTakenName(tx, place, name);
  const folderId = insertFolderRow(tx, ctx, place, name, { by: ctx.person.id });
  signalWorkspace(tx, ctx, place);
  return { ...place, folderId };
}

/** Keeps the folder if somebody has put something into it meanwhile. */
function deleteIfEmpty(tx: Transaction, ctx: PersonContext, id: string): void {
  const folder = loadEntry(tx, ctx, id, 'update');
  if (folder.itemCount > 0) return;
  deleteEntry(tx, ctx, folder);
  signalWorkspace(tx, ctx, placeOf(tx, folder));
}

/** Creates a tree of folders in batches. Existing folders stay; throws `name_taken` when a file is in the way. */
export async function createFolders(
  ctx: PersonContext,
  { projectId, folderId, paths }: CreateFoldersInput,
): Promise<{ folders: number }> {
  // Checks all paths before the first folder is created.
  const wanted = paths.map((path) => {
    const parsed = parseRelativePath(path);
    if ('problem' in parsed) throw nameInvalid(parsed.segment, parsed.problem, path);
    return parsed.segments;
  });
  await inBatches(wanted, batchOfFolders, (batch) =>
    inTransaction(ctx.db, (tx) => {
      const place = placeFor(tx, ctx, projectId, folderId);
      for (const segments of batch) {
        requireDepth(tx, folderId, segments.length);
        makeFolders(tx, ctx, place, segments, ctx.person.id);
      }
    }),
  );
  return { folders: wanted.length };
}

/** Renames an entry. `seenName` is the name that the caller saw: throws `changed_meanwhile` when it has changed. */
export function renameEntry(
  ctx: PersonContext,
  { id }: Pick<Entry, 'id'>,
  name: string,
  seenName?: string,
): EntryView {
  requireName(name);
  inTransaction(ctx.db, (tx) => {
    const entry = loadEntry(tx, ctx, id, 'update');
    if (seenName !== undefined && seenName !== entry.name) {
      throw changedMeanwhile(tx, 'renamed', entry.name, id);
    }
    if (name === entry.name) return;
    const place = placeOf(tx, entry);
    if (entry.kind === 'sequence') requireFreePattern(tx, place, entry, name);
    else refuseTakenName(tx, place, name, id);
    rename(tx, ctx, entry, name, { by: ctx.person.id });
    notifyRenamed(tx, ctx, entry, name);
    signalWorkspace(tx, ctx, { ...place, folderId: id });
  });
  return viewEntry(ctx, loadEntry(ctx.db, ctx, id));
}

/** Moves an entry with everything in it to its owner's trash. */
export function removeEntry(ctx: PersonContext, { id, projectId }: Pick<Entry, 'id' | 'projectId'>): void {
  inTransaction(ctx.db, (tx) => removeAll(tx, ctx, projectId, [id]));
}

/** Moves many entries to the trash in batches. Batches before an interruption stay there. */
export async function removeEntries(
  ctx: PersonContext,
  projectId: string,
  selection: EntrySelection,
): Promise<RemovedEntriesView> {
  await othersTurn();
  const ids = selectedIds(ctx, projectId, selection);
  await othersTurn();
  // Checks the right to all of them before the first one goes.
  requireEntries(ctx.db, ctx, projectId, ids, 'update');
  await othersTurn();
  await inBatches(ids, batchOfRemoval, (batch) =>
    inTransaction(ctx.db, (tx) => removeAll(tx, ctx, projectId, batch)),
  );
  return { removed: ids.length, entryIds: ids.length > maxSelected ? [] : ids };
}

/**
 * Restores an entry to its old place, or to the root when that folder is gone. For the owner, and for the person who
 * deleted it while they may still update there.
 */
export function restoreEntry(ctx: PersonContext, { id }: Pick<Entry, 'id'>): EntryView {
  inTransaction(ctx.db, (tx) => restoreAll(tx, ctx, [id], 'refuse'));
  return viewEntry(ctx, loadEntry(ctx.db, ctx, id));
}

/**
 * Restores several entries: one whose name is taken gets a free name and does not stop the others. A single one
 * throws `name_taken` instead, so that the person decides.
 */
export async function restoreEntries(
  ctx: PersonContext,
  entryIds: readonly string[],
): Promise<{ restored: number }> {
  const ids = [...new Set(entryIds)].sort(byDeletion(ctx, entryIds));
  const onTaken = ids.length === 1 ? 'refuse' : 'keepBoth';
  await othersTurn();
  await inBatches(ids, batchOfReturn, (batch) =>
    inTransaction(ctx.db, (tx) => restoreAll(tx, ctx, batch, onTaken)),
  );
  return { restored: ids.length };
}

/** Last deleted, first restored: a folder is back before entries that were deleted from it earlier. */
function byDeletion({ db }: PersonContext, entryIds: readonly string[]) {
  const rows = db
    .select({ id: entries.id, deletedAt: entries.deletedAt })
    .from(entries)
    .where(inList(entries.id, entryIds))
    .all();
  const deletedAt = new Map(rows.map((row) => [row.id, row.deletedAt ?? 0]));
  return (one: string, other: string) => (deletedAt.get(other) ?? 0) - (deletedAt.get(one) ?? 0);
}

function removeAll(tx: Transaction, ctx: PersonContext, projectId: string, ids: readonly string[]): void {
  const taken = loadEntries(tx, ctx, projectId, ids, 'update');
  trashEntries(tx, ctx, taken, { by: ctx.person.id });
  notifyDeleted(tx, ctx, taken);
  signalEntries(tx, ctx, taken);
}

function restoreAll(
  tx: Transaction,
  ctx: PersonContext,
  ids: readonly string[],
  onTaken: 'refuse' | 'keepBoth',
): void {
  for (const id of ids) {
    const entry = loadTrashed(tx, ctx, id);
    const place = placeOfRestored(tx, entry);
    requireDepthOf(tx, place.folderId, entry);
    const taken = takenAt(tx, place, entry);
    if (taken && onTaken === 'refuse') throw nameTaken(taken.name);
    const name = taken ? freeName(tx, place, entry.name, { kind: entry.kind }) : entry.name;
    attach(tx, ctx, entry, place, name, { by: ctx.person.id, isReturn: true });
  }
  signalEntries(tx, ctx, tx.select().from(entries).where(inList(entries.id, ids)).all());
}

/** Its old place, whoever restores it; the owner's root when that folder is gone. */
function placeOfRestored(tx: Transaction, entry: SeenEntry): Place {
  const { projectId, ownerId } = entry;
  const folderId = folderOf(tx, entry);
  const isThere = entriesAbove(tx, folderId).every(({ deletedAt }) => deletedAt === null);
  return { projectId, ownerId, folderId: isThere ? folderId : null };
}

function placeOf(tx: Transaction, entry: Entry): Place {
  return { projectId: entry.projectId, ownerId: entry.ownerId, folderId: folderOf(tx, entry) };
}

/**
 * A sequence keeps its number of `#` and its extension: `take.####.exr` may become `shot.####.exr`. Throws
 * `name_invalid` or `name_taken`.
 */
function requireFreePattern(tx: Transaction, place: Place, entry: Entry, name: string): void {
  const [present, wanted] = [parsePattern(entry.name), parsePattern(name)];
  if (!present || wanted?.width !== present.width || !keepsFrames(tx, entry, wanted)) {
    throw new HubError(
      'name_invalid',
      `Keep ${'#'.repeat(present?.width ?? 4)} and an image extension at the end.`,
      {
        name,
      },
    );
  }
  const taken = takenAt(tx, place, { id: entry.id, kind: 'sequence', name });
  if (taken) throw nameTaken(taken.name);
}

/**
 * True when the first and the last frame keep their numbers under the new name: `v##.exr` would turn them into
 * versions.
 */
function keepsFrames(tx: Transaction, { id }: Entry, { prefix, suffix }: SequencePattern): boolean {
  const edge = (turn: typeof asc) =>
    tx
      .select({ name: entries.name, frame: entries.frame })
      .from(entries)
      .where(and(eq(entries.parentId, id), isNull(entries.deletedAt)))
      .orderBy(turn(entries.frame))
      .limit(1)
      .all();
  return [...edge(asc), ...edge(desc)].every(({ name, frame }) => {
    const number = parseFrameName(name)?.number;
    const renamed = number === undefined ? null : parseFrameName(`${prefix}${number}${suffix}`);
    return renamed?.frame === frame && sequenceKey(renamed) === sequenceKey({ prefix, suffix });
  });
}
