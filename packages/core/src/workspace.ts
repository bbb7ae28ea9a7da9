/** My Workspace: what one person keeps in one project, seen by nobody else. */
import { and, asc, count, desc, eq, gt, inArray, isNotNull, isNull, or, sql } from 'drizzle-orm';
import { assets } from '@turnover/db/schema/assets';
import { entries } from '@turnover/db/schema/entries';
import type { Reader } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import type { EntryDetailsView, EntryView, WorkspaceListView } from '@turnover/domain/entries';
import { HubError, notFound } from '@turnover/domain/errors';
import { mediaKind } from '@turnover/domain/media-kinds';
import { nameKey } from '@turnover/domain/names';
import { loadEntry, loadProject, type Entry } from './access.ts';
import { checksumsOf } from './assets.ts';
import type { PersonContext } from './context.ts';
import {
  folderOrRoot,
  inPlace,
  insertFolder,
  pathTo,
  refuseTakenName,
  requireDepth,
  requireName,
  tellOfWorkspace,
  type Place,
} from './workspace-folders.ts';

type ListInput = { projectId: string; folderId: string | null; cursor?: string | null; limit: number };

/** Folders first, then by name. */
export function listWorkspace(
  ctx: PersonContext,
  { projectId, folderId, cursor, limit }: ListInput,
): WorkspaceListView {
  const place = placeOf(ctx.db, ctx, projectId, folderId);
  const isFile = sql<number>`(${entries.kind} = 'file')`;
  const rows = ctx.db
    .select({ entry: entries, asset: assets })
    .from(entries)
    .leftJoin(assets, eq(assets.id, entries.assetId))
    .where(and(inPlace(place), isNull(entries.deletedAt), cursor ? afterCursor(isFile, cursor) : undefined))
    .orderBy(isFile, asc(entries.nameKey))
    .limit(limit + 1)
    .all();
  const page = rows.slice(0, limit);
  const last = page.at(-1)?.entry;
  return {
    path: pathTo(ctx.db, folderId),
    entries: viewsOf(ctx.db, page),
    nextCursor:
      rows.length > limit && last ? JSON.stringify([last.kind === 'file' ? 1 : 0, last.nameKey]) : null,
  };
}

export function getEntry(ctx: PersonContext, entry: Entry): EntryDetailsView {
  const checksums = entry.assetId ? (checksumsOf(ctx.db, [entry.assetId]).get(entry.assetId) ?? []) : [];
  return { ...viewOf(ctx.db, entry.id), checksums };
}

export function createFolder(
  ctx: PersonContext,
  { projectId, parentId, name }: { projectId: string; parentId: string | null; name: string },
): EntryView {
  requireName(name);
  const id = inTransaction(ctx.db, (tx) => {
    const place = placeOf(tx, ctx, projectId, parentId);
    requireDepth(tx, parentId, 1);
    refuseTakenName(tx, place, name);
    return insertFolder(tx, ctx, place, name);
  });
  return viewOf(ctx.db, id);
}

export function renameEntry(ctx: PersonContext, entry: Entry, name: string): EntryView {
  requireName(name);
  inTransaction(ctx.db, (tx) => {
    const place = placeOfEntry(loadEntry(tx, ctx.person, entry.id));
    refuseTakenName(tx, place, name, entry.id);
    tx.update(entries)
      .set({ name, nameKey: nameKey(name), updatedAt: ctx.clock() })
      .where(eq(entries.id, entry.id))
      .run();
    tellOfWorkspace(tx, ctx, place);
  });
  return viewOf(ctx.db, entry.id);
}

/** Into the trash, with all it holds. */
export function removeEntry(ctx: PersonContext, entry: Entry): void {
  inTransaction(ctx.db, (tx) => {
    const { id, projectId, ownerId } = loadEntry(tx, ctx.person, entry.id);
    tx.update(entries).set({ deletedAt: ctx.clock() }).where(eq(entries.id, id)).run();
    tellOfWorkspace(tx, ctx, { projectId, ownerId });
  });
}

/** Back to where it was; to the root when that folder is gone. */
export function restoreEntry(ctx: PersonContext, { id }: Entry): EntryView {
  inTransaction(ctx.db, (tx) => {
    const entry = loadEntry(tx, ctx.person, id, 'trashed');
    const place = { ...placeOfEntry(entry), folderId: folderOrRoot(tx, ctx.person, entry.parentId) };
    refuseTakenName(tx, place, entry.name);
    tx.update(entries)
      .set({ deletedAt: null, parentId: place.folderId, updatedAt: ctx.clock() })
      .where(eq(entries.id, id))
      .run();
    tellOfWorkspace(tx, ctx, place);
  });
  return viewOf(ctx.db, id);
}

/** What was deleted, newest first; what a deleted folder holds goes with it and is not listed by itself. */
export function listTrash(
  ctx: PersonContext,
  { projectId, limit }: { projectId: string; limit: number },
): EntryView[] {
  loadProject(ctx.db, ctx.person, projectId, 'workspace:use');
  const rows = ctx.db
    .select({ entry: entries, asset: assets })
    .from(entries)
    .leftJoin(assets, eq(assets.id, entries.assetId))
    .where(
      and(eq(entries.projectId, projectId), eq(entries.ownerId, ctx.person.id), isNotNull(entries.deletedAt)),
    )
    .orderBy(desc(entries.deletedAt), desc(entries.id))
    .limit(limit)
    .all();
  return viewsOf(ctx.db, rows);
}

function placeOf(db: Reader, { person }: PersonContext, projectId: string, folderId: string | null): Place {
  loadProject(db, person, projectId, 'workspace:use');
  if (folderId) {
    const folder = loadEntry(db, person, folderId);
    if (folder.kind !== 'folder' || folder.projectId !== projectId) throw notFound();
  }
  return { projectId, ownerId: person.id, folderId };
}

function placeOfEntry({ projectId, ownerId, parentId }: Entry): Place {
  return { projectId, ownerId, folderId: parentId };
}

function afterCursor(isFile: ReturnType<typeof sql<number>>, cursor: string) {
  const [file, key] = readCursor(cursor);
  return or(gt(isFile, file), and(eq(isFile, file), gt(entries.nameKey, key)));
}

function readCursor(cursor: string): [number, string] {
  try {
    const [file, key] = JSON.parse(cursor) as unknown[];
    if (typeof file === 'number' && typeof key === 'string') return [file, key];
  } catch {
    // Falls through to the one answer for every cursor we did not make.
  }
  throw new HubError('invalid_input', 'This cursor does not come from this list.', { field: 'cursor' });
}

function viewOf(db: Reader, entryId: string): EntryView {
  const row = db
    .select({ entry: entries, asset: assets })
    .from(entries)
    .leftJoin(assets, eq(assets.id, entries.assetId))
    .where(eq(entries.id, entryId))
    .get();
  if (!row) throw notFound();
  return viewsOf(db, [row])[0]!;
}

type Row = { entry: Entry; asset: typeof assets.$inferSelect | null };

function viewsOf(db: Reader, rows: readonly Row[]): EntryView[] {
  const folderIds = rows.filter(({ entry }) => entry.kind === 'folder').map(({ entry }) => entry.id);
  const items = itemsIn(db, folderIds);
  return rows.map(({ entry, asset }) => ({
    id: entry.id,
    parentId: entry.parentId,
    kind: entry.kind,
    name: entry.name,
    sizeBytes: asset?.sizeBytes ?? null,
    items: entry.kind === 'folder' ? (items.get(entry.id) ?? 0) : null,
    mediaKind: entry.kind === 'file' ? mediaKind(entry.name) : null,
    state: asset ? (asset.state === 'stored' ? 'stored' : 'verifying') : null,
    createdAt: entry.createdAt,
    updatedAt: entry.updatedAt,
    deletedAt: entry.deletedAt,
  }));
}

function itemsIn(db: Reader, folderIds: readonly string[]): Map<string | null, number> {
  if (folderIds.length === 0) return new Map();
  const counts = db
    .select({ parentId: entries.parentId, items: count() })
    .from(entries)
    .where(and(inArray(entries.parentId, [...folderIds]), isNull(entries.deletedAt)))
    .groupBy(entries.parentId)
    .all();
  return new Map(counts.map(({ parentId, items }) => [parentId, items]));
}
