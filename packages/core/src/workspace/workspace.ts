/** What people do in their own or a shared Workspace: view, create, rename. Deleting and restoring are in `trash.ts`. */
import { and, asc, desc, eq, isNull } from 'drizzle-orm';
import { inTransaction } from '@turnover/db/transaction';
import type { Transaction } from '@turnover/db/open';
import { entries } from '@turnover/db/schema/entries';
import type {
  CreateFolderInput,
  EntryDetailsView,
  EntrySelection,
  EntryView,
  FramesView,
} from '@turnover/domain/workspace/entries';
import type { CreateFoldersInput } from '@turnover/domain/workspace/checked-names';
import { HubError } from '@turnover/domain/errors';
import { requireRelativePath } from '@turnover/domain/names/refused-names';
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
import { changedMeanwhile, loadEntry, type SeenEntry } from '../entries/access.ts';
import { selectedIds } from '../entries/selection.ts';
import { folderOf, type Place } from '../entries/lookup.ts';
import { deleteEntry, insertFolderRow, rename } from '../entries/tree.ts';
import { aroundGaps, gapsIn, sameFrameAs, sameFramesIn, viewEntry } from '../entries/view.ts';
import { expiresAtOf } from '../retention/ends.ts';
import {
  makeFolders,
  nameTaken,
  placeFor,
  refuseTakenName,
  requireDepth,
  requireName,
  takenAt,
  signalWorkspace,
} from '../entries/places.ts';
import { viewAccess } from '../entries/list.ts';
import { moveInto, undoMove } from './move.ts';
import { notifyRenamed } from './notices.ts';

const gapsListed = 50;
const sameFramesListed = 20;
/** Paths per transaction; each path may create many folders. */
const batchOfFolders = 4;
/** The most entries that a new folder can start with: creating it succeeds as a whole or not at all. */
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

/** Reads all frames of a sequence, to report more gaps than a list shows. */
function framesInDetail(
  { db }: PersonContext,
  entry: SeenEntry,
  frames: FramesView | null,
): Pick<EntryDetailsView, 'frames' | 'gaps' | 'sameFrames'> {
  // Siblings of the topmost visible entry must stay hidden.
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
  const wanted = paths.map(requireRelativePath);
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

function placeOf(tx: Transaction, entry: Entry): Place {
  return { projectId: entry.projectId, ownerId: entry.ownerId, folderId: folderOf(tx, entry) };
}

/**
 * Throws `name_invalid` or `name_taken`. A sequence keeps its number of `#` and its extension: `take.####.exr` may become
 * `shot.####.exr`.
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
  if (taken) throw nameTaken(taken.name, taken.upload && 'upload');
}

/**
 * True when the first and the last frame keep their numbers under the new name. Under `v##.exr`, the numbers would be read as
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
