/** What people do in a Workspace, their own or one that is shared with them: folders, names, into the trash and back. */
import { and, asc, desc, eq, isNull } from 'drizzle-orm';
import { inTransaction } from '@turnover/db/transaction';
import type { Transaction } from '@turnover/db/open';
import { entries } from '@turnover/db/schema/entries';
import { deliveredFiles } from '@turnover/db/schema/requests';
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
import {
  attach,
  deleteEntry,
  folderOf,
  insertFolderRow,
  rename,
  trashEntries,
  type Place,
} from '../entries/tree.ts';
import { aroundGaps, gapsIn, sameFrameAs, sameFramesIn, viewEntry } from '../entries/view.ts';
import { inList } from '../in-list.ts';
import { expiresAtOf } from '../retention/ends.ts';
import { recordOpened } from '../entries/receipts.ts';
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

const gapsListed = 50;
const sameFramesListed = 20;
/** Entries per transaction; each stays well under 20 ms. */
const batchOfRemoval = 50;
const batchOfReturn = 10;
/** Each may be a path of many. */
const batchOfFolders = 4;
/** With a new folder, all or nothing. */
const maxIntoNewFolder = 200;
const batchOfNewFolder = 10;

export function getEntry(ctx: PersonContext, entry: SeenEntry): EntryDetailsView {
  const { assetId } = entry;
  recordOpened(ctx, entry);
  const delivery = assetId
    ? ctx.db.select().from(deliveredFiles).where(eq(deliveredFiles.assetId, assetId)).limit(1).get()
    : undefined;
  const viewed = viewEntry(ctx, entry);
  return {
    ...viewed,
    checksums: assetId ? (checksumsOf(ctx.db, [assetId]).get(assetId) ?? []) : [],
    access: viewAccess(ctx.db, ctx, entry),
    ...framesInDetail(ctx, entry, viewed.frames),
    expiresAt: expiresAtOf(ctx.db, entry.projectId, entry.ownerId),
    delivered: delivery !== undefined,
  };
}

/** All frames are read, for more of the gaps than a list tells. */
function framesInDetail(
  { db }: PersonContext,
  entry: SeenEntry,
  frames: FramesView | null,
): Pick<EntryDetailsView, 'frames' | 'gaps' | 'sameFrames'> {
  // Of what lies beside the topmost entry within reach nothing is told.
  const isTop = entry.access.rootId === entry.id;
  if (!frames) return { frames, gaps: [], sameFrames: isTop ? [] : sameFrameAs(db, entry) };
  const { first, last, step, missing } = frames;
  const gaps = missing > 0 ? gapsIn(db, entry.id, gapsListed, step) : [];
  const told = missing > 0 ? aroundGaps(first, last, step, missing, gaps) : {};
  const sameFrames = frames.duplicates > 0 ? sameFramesIn(db, entry.id, sameFramesListed) : [];
  return { frames: { ...frames, ...told }, gaps, sameFrames };
}

export function createFolder(ctx: PersonContext, input: Omit<CreateFolderInput, 'selection'>): EntryView {
  requireName(input.name);
  const id = inTransaction(ctx.db, (tx) => insertFolder(tx, ctx, input).folderId!);
  return viewEntry(ctx, loadEntry(ctx.db, ctx, id));
}

/** What is selected is moved into the new folder in batches; if one of them is refused, all go back and there is no folder. */
export async function createFolderOf(
  ctx: PersonContext,
  input: Omit<CreateFolderInput, 'selection'>,
  selection: EntrySelection,
): Promise<EntryView> {
  const { projectId, name } = input;
  requireName(name);
  await othersTurn();
  const ids = selectedIds(ctx, projectId, selection);
  if (ids.length > maxIntoNewFolder) {
    throw new HubError('invalid_input', 'Make the folder first, then move so many entries into it.', {
      field: 'selection',
    });
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
  const place = placeFor(tx, ctx, projectId, parentId);
  requireDepth(tx, parentId, 1);
  refuseTakenName(tx, place, name);
  const folderId = insertFolderRow(tx, ctx, place, name, { by: ctx.person.id });
  signalWorkspace(tx, ctx, place);
  return { ...place, folderId };
}

/** Somebody may have put something into it meanwhile: then it stays. */
function deleteIfEmpty(tx: Transaction, ctx: PersonContext, id: string): void {
  const folder = loadEntry(tx, ctx, id, 'update');
  if (folder.itemCount > 0) return;
  deleteEntry(tx, ctx, folder);
  signalWorkspace(tx, ctx, placeOf(tx, folder));
}

/** A skeleton of folders, in batches: what is there stays, what is not is made, and a file in the way is refused. */
export async function createFolders(
  ctx: PersonContext,
  { projectId, folderId, paths }: CreateFoldersInput,
): Promise<{ folders: number }> {
  // All of them can be kept before the first is made.
  const wanted = paths.map((path) => {
    const parsed = parseRelativePath(path);
    if ('problem' in parsed) throw nameInvalid(parsed.segment, parsed.problem, path);
    return parsed.segments;
  });
  placeFor(ctx.db, ctx, projectId, folderId);
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

/** `seenName`: what the caller saw; when it is another name by now, nothing happens and the caller is told. */
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
    signalWorkspace(tx, ctx, { ...place, folderId: id });
  });
  return viewEntry(ctx, loadEntry(ctx.db, ctx, id));
}

/** Into the trash of its owner, with all it holds. */
export function removeEntry(ctx: PersonContext, { id, projectId }: Pick<Entry, 'id' | 'projectId'>): void {
  inTransaction(ctx.db, (tx) => removeAll(tx, ctx, projectId, [id]));
}

/** Many of them, in batches: what went before an interruption has gone. */
export async function removeEntries(
  ctx: PersonContext,
  projectId: string,
  selection: EntrySelection,
): Promise<RemovedEntriesView> {
  await othersTurn();
  const ids = selectedIds(ctx, projectId, selection);
  await othersTurn();
  // All of them are theirs to delete before the first one goes; those of one folder are as the folder is.
  if ('entryIds' in selection) requireEntries(ctx.db, ctx, projectId, ids, 'update');
  else if (selection.folderId) loadEntry(ctx.db, ctx, selection.folderId, 'update');
  await othersTurn();
  await inBatches(ids, batchOfRemoval, (batch) =>
    inTransaction(ctx.db, (tx) => removeAll(tx, ctx, projectId, batch)),
  );
  return { removed: ids.length, entryIds: ids.length > maxSelected ? [] : ids };
}

/** Back to where it was; to the root when that folder is gone. By its owner, or by who deleted it and may still update there. */
export function restoreEntry(ctx: PersonContext, { id }: Pick<Entry, 'id'>): EntryView {
  inTransaction(ctx.db, (tx) => restoreAll(tx, ctx, [id], 'refuse'));
  return viewEntry(ctx, loadEntry(ctx.db, ctx, id));
}

/** Of several, what finds its name taken comes back under a free one and does not stop the rest; of one its person decides. */
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

/** Last deleted, first restored: a folder is there again before what was deleted in it earlier. */
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
    const name = taken ? freeName(tx, place, entry.name, entry.kind) : entry.name;
    attach(tx, ctx, entry, place, name, { by: ctx.person.id, isReturn: true });
  }
  signalEntries(tx, ctx, tx.select().from(entries).where(inList(entries.id, ids)).all());
}

/** Where it lay, whoever restores it; in the owner's root when that folder is gone. */
function placeOfRestored(tx: Transaction, entry: SeenEntry): Place {
  const { projectId, ownerId } = entry;
  const folderId = folderOf(tx, entry);
  const isThere = entriesAbove(tx, folderId).every(({ deletedAt }) => deletedAt === null);
  return { projectId, ownerId, folderId: isThere ? folderId : null };
}

function placeOf(tx: Transaction, entry: Entry): Place {
  return { projectId: entry.projectId, ownerId: entry.ownerId, folderId: folderOf(tx, entry) };
}

/** A sequence keeps its signs and stays one: `take.####.exr` may become `shot.####.exr`. */
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

/** Under the new name its first and last frames still have their numbers: `v##.exr` would make versions of them. */
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
