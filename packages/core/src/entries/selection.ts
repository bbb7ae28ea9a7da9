/** Selected entries. Every entry is checked, and if one check fails, nothing changes. */
import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { entries } from '@turnover/db/schema/entries';
import type { EntrySelection } from '@turnover/domain/workspace/entries';
import { notFound } from '@turnover/domain/errors';
import { loadProject, type Entry } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { loadEntry, type EntryNeed } from './access.ts';
import { inList } from '../in-list.ts';
import { idsInFolder, openFolder } from './list.ts';

/** The ids that a selection stands for now. Does not check the permission for each of them. */
export function selectedIds(ctx: PersonContext, projectId: string, selection: EntrySelection): string[] {
  if ('entryIds' in selection) return outermost(ctx.db, [...new Set(selection.entryIds)]);
  const except = new Set(selection.allExcept);
  const { folderId, filter } = selection;
  openFolder(ctx, { projectId, folderId });
  return idsInFolder(ctx, { projectId, folderId, filter }).filter((id) => !except.has(id));
}

/** Drops entries inside other selected ones: their folder includes them, and they must not count twice. */
function outermost(db: Reader, ids: string[]): string[] {
  if (ids.length < 2) return ids;
  // Follows parents once per folder instead of once per entry.
  const inner = db.all<{ id: string }>(sql`
    with recursive selected(id) as (select value from json_each(${JSON.stringify(ids)})),
    up(folder, above) as (
      select distinct parent_id, parent_id from selected cross join entries using (id) where parent_id is not null
      union
      select up.folder, entries.parent_id from up join entries on entries.id = up.above where entries.parent_id is not null
    ),
    within(folder) as (select distinct folder from up where above in (select id from selected))
    select entries.id from within cross join entries on entries.parent_id = within.folder
    where entries.id in (select id from selected)`);
  const dropped = new Set(inner.map(({ id }) => id));
  return ids.filter((id) => !dropped.has(id));
}

/** As `loadEntries`, for many entries whose rows are not needed. Checks once per folder. */
export function requireEntries(
  db: Reader,
  ctx: PersonContext,
  projectId: string,
  ids: readonly string[],
  need: EntryNeed,
): void {
  loadProject(db, ctx.person, projectId, 'workspace:use');
  const places = db.all<Pick<Entry, 'parentId' | 'ownerId'> & { entries: number }>(sql`
    select parent_id as parentId, owner_id as ownerId, count(*) as entries from entries
    where ${inList(entries.id, ids)} and project_id = ${projectId} and deleted_at is null group by parent_id, owner_id`);
  const found = places.reduce((sum, place) => sum + place.entries, 0);
  // An entry is missing or the person lacks the permission. Loading the entries finds which one and throws the right error.
  if (found < ids.length || places.some((place) => !mayInFolder(db, ctx, place, need))) {
    loadEntries(db, ctx, projectId, ids, need);
  }
}

/**
 * Loads the entries in the order of `ids`. Throws for the first entry that is missing or for which the person lacks the
 * permission. Checks the permission once per folder.
 */
export function loadEntries(
  db: Reader,
  ctx: PersonContext,
  projectId: string,
  ids: readonly string[],
  need: EntryNeed,
): Entry[] {
  loadProject(db, ctx.person, projectId, 'workspace:use');
  const rows = db
    .select()
    .from(entries)
    .where(and(inList(entries.id, ids), eq(entries.projectId, projectId), isNull(entries.deletedAt)))
    .all();
  const byId = new Map(rows.map((row) => [row.id, row]));
  // Keyed by place, which keeps the roots of two people apart.
  const open = new Map<string | null, boolean>();
  return ids.map((id) => {
    const entry = byId.get(id);
    if (!entry) {
      // Throws the right error for a deleted or hidden entry. If it does find the entry, the entry belongs to another
      // project.
      loadEntry(db, ctx, id, need);
      throw notFound();
    }
    const { placeKey } = entry;
    if (!open.has(placeKey)) open.set(placeKey, mayInFolder(db, ctx, entry, need));
    return open.get(placeKey) ? entry : loadEntry(db, ctx, id, need);
  });
}

function mayInFolder(
  db: Reader,
  ctx: PersonContext,
  { parentId, ownerId }: Pick<Entry, 'parentId' | 'ownerId'>,
  need: EntryNeed,
): boolean {
  if (parentId === null) return ownerId === ctx.person.id;
  try {
    loadEntry(db, ctx, parentId, need);
    return true;
  } catch {
    return false;
  }
}

/** Throws `not_found` for an empty list. */
export function requireSome<Item>(items: readonly Item[]): readonly Item[] {
  if (items.length === 0) throw notFound();
  return items;
}
