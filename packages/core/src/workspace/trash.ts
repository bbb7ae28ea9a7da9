/** Moves entries of a Workspace to the trash and restores them. */
import type { Transaction } from '@turnover/db/open';
import { entries } from '@turnover/db/schema/entries';
import { inTransaction } from '@turnover/db/transaction';
import {
  maxSelected,
  type EntrySelection,
  type EntryView,
  type RemovedEntriesView,
} from '@turnover/domain/workspace/entries';
import type { Entry } from '../access.ts';
import { inBatches, othersTurn } from '../batches.ts';
import type { PersonContext } from '../context.ts';
import { entriesAbove, loadEntry, loadTrashed, type SeenEntry } from '../entries/access.ts';
import { folderOf, type Place } from '../entries/lookup.ts';
import { freeName, nameTaken, requireDepthOf, signalEntries, takenAt } from '../entries/places.ts';
import { loadEntries, requireEntries, selectedIds } from '../entries/selection.ts';
import { attach, trashEntries } from '../entries/tree.ts';
import { viewEntry } from '../entries/view.ts';
import { inList } from '../in-list.ts';
import { correctDeleted, notifyDeleted } from './notices.ts';

/** Entries per transaction, which keeps each well under 20 ms. */
const batchOfRemoval = 50;
const batchOfReturn = 10;

/** Moves an entry and everything in it to its owner's trash. */
export function removeEntry(ctx: PersonContext, { id, projectId }: Pick<Entry, 'id' | 'projectId'>): void {
  inTransaction(ctx.db, (tx) => removeAll(tx, ctx, projectId, [id]));
}

/** Moves many entries to the trash in batches. After an interruption, finished batches stay in the trash. */
export async function removeEntries(
  ctx: PersonContext,
  projectId: string,
  selection: EntrySelection,
): Promise<RemovedEntriesView> {
  await othersTurn();
  const ids = selectedIds(ctx, projectId, selection);
  await othersTurn();
  // Checks the permission for all of them before the first one is moved.
  requireEntries(ctx.db, ctx, projectId, ids, 'update');
  await othersTurn();
  await inBatches(ids, batchOfRemoval, (batch) =>
    inTransaction(ctx.db, (tx) => removeAll(tx, ctx, projectId, batch)),
  );
  return { removed: ids.length, entryIds: ids.length > maxSelected ? [] : ids };
}

/**
 * Restores an entry to its old place, or to the root when that folder is gone. The owner may do it, and so may the person who
 * deleted it, as long as they may update entries there.
 */
export function restoreEntry(ctx: PersonContext, { id }: Pick<Entry, 'id'>): EntryView {
  inTransaction(ctx.db, (tx) => restoreAll(tx, ctx, [id], 'refuse'));
  return viewEntry(ctx, loadEntry(ctx.db, ctx, id));
}

/**
 * Restores several entries. An entry whose name is taken gets a free name, so that it does not stop the others. A single
 * entry throws `name_taken` instead, so that the person decides.
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

/** Sorted by deletion, last deleted first: so a folder is back before entries that were deleted from it earlier. */
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
    if (taken && onTaken === 'refuse') throw nameTaken(taken.name, taken.upload && 'upload');
    const name = taken ? freeName(tx, place, entry.name, { kind: entry.kind }) : entry.name;
    attach(tx, ctx, entry, place, name, { by: ctx.person.id, isReturn: true });
  }
  const restored = tx.select().from(entries).where(inList(entries.id, ids)).all();
  correctDeleted(tx, ctx, restored);
  signalEntries(tx, ctx, restored);
}

/**
 * The old place of the entry, or its owner's root when that folder is gone. It is the same for everybody who restores the
 * entry.
 */
function placeOfRestored(tx: Transaction, entry: SeenEntry): Place {
  const { projectId, ownerId } = entry;
  const folderId = folderOf(tx, entry);
  const isThere = entriesAbove(tx, folderId).every(({ deletedAt }) => deletedAt === null);
  return { projectId, ownerId, folderId: isThere ? folderId : null };
}
