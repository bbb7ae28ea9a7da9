/** Decides whether a file goes into a sequence, and creates, revives and ends sequences as frames come and go. */
import { and, count, eq, gt, isNull } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { entries } from '@turnover/db/schema/entries';
import { shares } from '@turnover/db/schema/shares';
import { parseFrameName, sequenceKey } from '@turnover/domain/sequences/frame-names';
import type { Entry } from '../access.ts';
import type { Context } from '../context.ts';
import { lookOfSequence, looseFrames, wouldCount, resettle } from './sequences.ts';
import { inList } from '../in-list.ts';
import { addTo } from './counters.ts';
import { condemnedAt, placeKeyOf, sequencesOf, type Place } from './lookup.ts';

type Seat = {
  parentId: string | null;
  sequenceKey: string | null;
  frame: number | null;
  isInSequence: boolean;
};

export function seatFor(parentId: string | null): Seat {
  return { parentId, sequenceKey: null, frame: null, isInSequence: false };
}

/**
 * Where a file with this name goes: into its sequence if there is one, or into a new one if its number now forms a sequence
 * with other files of the folder.
 */
export function seatOf(tx: Transaction, ctx: Context, place: Place, name: string, isReturn = false): Seat {
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

function beginSequence(tx: Transaction, ctx: Context, place: Place, key: string): string {
  const id = ctx.newId('entry');
  const now = ctx.clock();
  tx.insert(entries)
    .values({
      id,
      projectId: place.projectId,
      ownerId: place.ownerId,
      parentId: place.folderId,
      // Gets the name of its lowest frame as soon as it has one.
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

/** Restores a sequence that ended with its last frame and whose row was kept for its shares. */
function reviveSequence(tx: Transaction, ctx: Context, place: Place, key: string): string | null {
  const ended = tx
    .select()
    .from(entries)
    .where(
      and(
        eq(entries.projectId, place.projectId),
        eq(entries.ownerId, place.ownerId),
        gt(entries.deletedAt, condemnedAt),
        eq(entries.kind, 'sequence'),
        eq(entries.itemCount, 0),
        eq(entries.placeKey, placeKeyOf(place)),
        eq(entries.sequenceKey, key),
        gt(entries.shareCount, 0),
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
 * Moves all loose frames of the place into the sequence. They stay below the same folders, so the totals of those folders do
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
 * Call it after frames left a sequence. Deletes it when it is empty; a single remaining frame becomes a file again unless the
 * sequence is shared.
 */
export function framesLeft(tx: Transaction, ctx: Context, id: string, leaving: readonly string[]): void {
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

/** Ends a sequence. If it was shared, its row stays in the trash, hidden, until the trash is emptied. */
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
