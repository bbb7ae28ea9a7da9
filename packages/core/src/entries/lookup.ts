/** Finds entries by place and name. */
import { and, eq, isNull, ne, sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { entries } from '@turnover/db/schema/entries';
import { nameKey } from '@turnover/domain/names/names';
import { parseFrameName, parsePattern, sequenceKey } from '@turnover/domain/sequences/frame-names';
import type { Entry } from '../access.ts';

/** A folder in one person's Workspace; `folderId` is null for the root. */
export type Place = { projectId: string; ownerId: string; folderId: string | null };

/**
 * The `deletedAt` of entries that are being deleted for good. It is older than any date, so that lists and restores do not
 * treat them as trash.
 */
export const condemnedAt = 0;

export function placeKeyOf({ projectId, ownerId, folderId }: Place): string {
  return folderId ?? projectId + ownerId;
}

/** The folder in which people see an entry: for a frame, the folder of its sequence. */
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

/** Finds sequences of this pattern in the place, or files that could be its frames. Returns at most two. */
export function findSequence(db: Reader, place: Place, pattern: string, exceptId?: string): Entry[] {
  const parsed = parsePattern(pattern);
  if (!parsed) return [];
  const { placeKey, sequenceKey: key, deletedAt, id } = entries;
  return db
    .select()
    .from(entries)
    .where(
      and(
        eq(placeKey, placeKeyOf(place)),
        eq(key, sequenceKey(parsed)),
        isNull(deletedAt),
        exceptId === undefined ? undefined : ne(id, exceptId),
      ),
    )
    .limit(2)
    .all();
}

/**
 * The sequences with this key in the place. There can be two, shared with different people, only after a migration. New
 * frames go into the first.
 */
export function sequencesOf(db: Reader, place: Place, key: string): Pick<Entry, 'id'>[] {
  const { id, nameKey: ownKey } = entries;
  return db
    .select({ id })
    .from(entries)
    .where(
      and(
        eq(entries.placeKey, placeKeyOf(place)),
        eq(entries.sequenceKey, key),
        eq(entries.kind, 'sequence'),
        isNull(entries.deletedAt),
      ),
    )
    .orderBy(sql`${ownKey} <> ${entries.sequenceKey}`)
    .all();
}

function keptNamed(db: Reader, placeKey: string, key: string): Entry | undefined {
  return db
    .select()
    .from(entries)
    .where(and(eq(entries.placeKey, placeKey), eq(entries.nameKey, key), isNull(entries.deletedAt)))
    .get();
}
