/** Lists a Workspace. Reads any window of rows in any order through stored sort keys, however many rows there are. */
import { and, asc, count, desc, eq, isNull, sql, type SQL } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { entries } from '@turnover/db/schema/entries';
import type {
  EntryAccessView,
  EntryColumn,
  EntryOrder,
  FindInWorkspaceInput,
  FoundInWorkspaceView,
  ListWorkspaceInput,
  WorkspaceListView,
} from '@turnover/domain/workspace/entries';
import { HubError, notFound } from '@turnover/domain/errors';
import { nameKey } from '@turnover/domain/names/names';
import { lookAlikeKey } from '@turnover/domain/names/look-alikes';
import { frameSearches, type FrameSearch } from '@turnover/domain/sequences/frame-search';
import { searchKey } from '@turnover/domain/names/sort-keys';
import { loadProject } from '../access.ts';
import { othersTurn } from '../batches.ts';
import type { PersonContext } from '../context.ts';
import { entriesAbove, hadShare, loadEntry, type EntryAccess, type SeenEntry } from './access.ts';
import { placeKeyOf } from './lookup.ts';
import { viewedColumns, viewRows, type ViewedRow } from './view.ts';
import { viewPeople } from '../people/person-view.ts';

const sortColumns = {
  name: entries.sortKey,
  size: entries.sizeBytes,
  changed: entries.updatedAt,
  shared: entries.shareCount,
  state: entries.stateRank,
} satisfies Record<EntryColumn, unknown>;

/**
 * The rank of folders, and of everything else. Each rank is a scan of its own, because only the second may be in descending
 * order.
 */
const ranks = [0, 1] as const;

type Wanted = Pick<ListWorkspaceInput, 'projectId' | 'folderId' | 'order' | 'filter'> & {
  foldersOnly?: boolean;
};

export function listWorkspace(ctx: PersonContext, wanted: ListWorkspaceInput): WorkspaceListView {
  const { db } = ctx;
  const folder = openFolder(ctx, wanted);
  const input = { ...wanted, order: orderFor(folder, wanted.order) };
  const counts = countRows(ctx, input, folder);
  const rows = input.cursor
    ? rowsAfter(ctx, input, readCursor(input.cursor), input.limit + 1)
    : rowsFrom(ctx, input, counts, input.offset, input.limit + 1);
  const page = rows.slice(0, input.limit);
  return {
    path: pathWithin(db, folder),
    access: viewAccess(db, ctx, folder),
    entries: viewRows(ctx, page, folder?.access ?? null),
    total: counts[0] + counts[1],
    nextCursor: rows.length > input.limit ? cursorOf(db, page.at(-1)!.id, input.order) : null,
  };
}

/**
 * Finds the next row whose name contains the text, starting at row `from` and wrapping around. Reads a large folder in
 * pieces.
 */
export async function findInWorkspace(
  ctx: PersonContext,
  input: FindInWorkspaceInput,
  atOnce = rowsInPiece,
): Promise<FoundInWorkspaceView> {
  const order = orderFor(openFolder(ctx, input), input.order);
  const rows: { id: string; row: number }[] = [];
  let passed = 0;
  for (const rank of ranks) {
    let cursor: Cursor | null = null;
    do {
      const piece = hitsAfter(ctx, { ...input, order }, rank, cursor, atOnce);
      rows.push(...piece.hits.map(({ id, row }) => ({ id, row: passed + row })));
      passed += piece.rows;
      cursor = piece.next;
      if (cursor) await othersTurn();
    } while (cursor);
  }
  const after = input.backwards
    ? rows.findLastIndex(({ row }) => row <= input.from)
    : rows.findIndex(({ row }) => row >= input.from);
  const index = after >= 0 ? after : input.backwards ? rows.length - 1 : 0;
  const match = rows[index];
  const found = match ? { row: match.row, number: index + 1, entryId: match.id } : null;
  return { matches: rows.length, found };
}

/** Rows searched in one piece, which takes about 15 ms. */
const rowsInPiece = 8_000;

type Passed = [id: string, isHit: number, value: number | string, key: string];

/** The matching rows after the cursor. Reads all rows as arrays, because SQLite returns every row, whether it matches or not. */
function hitsAfter(
  ctx: PersonContext,
  wanted: Wanted & { text: string },
  rank: number,
  cursor: Cursor | null,
  limit: number,
): { hits: { id: string; row: number }[]; rows: number; next: Cursor | null } {
  const after = cursor ? behind(wanted.order, cursor) : undefined;
  const passed = ctx.db.values<Passed>(sql`
    select ${entries.id}, ${containing(wanted.text)}, ${sortColumns[wanted.order.column]}, ${entries.sortKey}
    from ${entries} where ${and(ofRank(ctx, wanted, rank), after)} order by ${keysOf(wanted.order)} limit ${limit}`);
  const hits: { id: string; row: number }[] = [];
  for (const [row, [id, isHit]] of passed.entries()) if (isHit) hits.push({ id, row });
  const last = passed.at(-1);
  const next: Cursor | null = last && passed.length === limit ? [rank, last[2], last[3], last[0]] : null;
  return { hits, rows: passed.length, next };
}

/** Replaces the order by the number of people: only the owner may know it, and sorting by it would reveal it. */
function orderFor(folder: SeenEntry | null, order: EntryOrder): EntryOrder {
  const isHidden = folder !== null && !folder.access.isOwner && order.column === 'shared';
  return isHidden ? { ...order, column: 'name' } : order;
}

/** The ids of a folder's filtered rows, sorted by name. A selection of "all except" starts from them. */
export function idsInFolder(ctx: PersonContext, wanted: Omit<Wanted, 'order'>): string[] {
  return ctx.db
    .select({ id: entries.id })
    .from(entries)
    .where(and(kept(ctx, wanted), containing(wanted.filter)))
    .orderBy(asc(entries.rank), asc(entries.sortKey), asc(entries.id))
    .all()
    .map(({ id }) => id);
}

/** The folder or sequence to list; null for the root of the person's own Workspace. Throws `not_found` for files. */
export function openFolder(
  ctx: PersonContext,
  { projectId, folderId }: { projectId: string; folderId: string | null },
): SeenEntry | null {
  loadProject(ctx.db, ctx.person, projectId, 'workspace:use');
  if (folderId === null) return null;
  const folder = loadOrExplain(ctx, folderId);
  if (folder.kind === 'file' || folder.projectId !== projectId) throw notFound();
  return folder;
}

/** Throws `not_found`, with the reason `share_ended` for a person who had a share of the folder. */
function loadOrExplain(ctx: PersonContext, folderId: string): SeenEntry {
  try {
    return loadEntry(ctx.db, ctx, folderId);
  } catch (error) {
    const isGone = error instanceof HubError && error.code === 'not_found';
    if (!isGone || !hadShare(ctx.db, ctx.person.id, folderId)) throw error;
    throw new HubError('not_found', 'This is no longer shared with you.', { reason: 'share_ended' });
  }
}

/** The path to the folder, starting from the topmost entry that the person can see. */
export function pathWithin(db: Reader, folder: SeenEntry | null): WorkspaceListView['path'] {
  if (!folder) return [];
  const above = entriesAbove(db, folder.id);
  const { rootId } = folder.access;
  const within = rootId === null ? above : above.slice(0, above.findIndex(({ id }) => id === rootId) + 1);
  return within.toReversed().map(({ id, name, kind }) => ({ id, name, kind }));
}

export function viewAccess(
  db: Reader,
  { person }: PersonContext,
  entry: { ownerId: string; access: EntryAccess } | null,
): EntryAccessView {
  const ownerId = entry?.ownerId ?? person.id;
  const owner = viewPeople(db, [ownerId]).get(ownerId)!;
  if (!entry) return { owner, isOwner: true, canShare: true, canUpdate: true, until: null, rootId: null };
  const { isOwner, canShare, canUpdate, until, rootId } = entry.access;
  return { owner, isOwner, canShare, canUpdate, until, rootId };
}

function kept({ person }: PersonContext, { projectId, folderId }: Pick<Wanted, 'projectId' | 'folderId'>) {
  const placeKey = placeKeyOf({ projectId, ownerId: person.id, folderId });
  return and(eq(entries.placeKey, placeKey), isNull(entries.deletedAt));
}

function ofRank(ctx: PersonContext, wanted: Wanted, rank: number): SQL | undefined {
  return and(kept(ctx, wanted), eq(entries.rank, rank), containing(wanted.filter));
}

/**
 * SQL condition: the name contains the text, ignoring case and look-alike characters. Sequences also match by their frame
 * numbers.
 */
export function containing(text: string): SQL {
  const words = text.trim();
  if (words === '') return sql`1`;
  const look = lookAlikeKey(words);
  // A search text of invisible characters only is used as it is.
  const alike = look === '' ? sql`0` : sql`instr(coalesce(${entries.lookKey}, ${entries.nameKey}), ${look})`;
  const frame = frameSearches(words).map(holdingFrame);
  return sql`(instr(${entries.nameKey}, ${nameKey(words)}) > 0 or instr(${entries.sortKey}, ${searchKey(words)}) > 0
    or ${sql.join([sql`${alike} > 0`, ...frame], sql` or `)})`;
}

/** Matches sequences by their frame numbers, through an index, however many frames there are. */
function holdingFrame({ part, frames }: FrameSearch): SQL {
  const isNamed = sql`entries.kind = 'sequence' and instr(entries.sequence_key, ${part}) > 0`;
  if (frames === null) return sql`(${isNamed})`;
  const isThere = frames.map(
    ([first, last]) => sql`exists (select 1 from entries as held where held.parent_id = entries.id
      and held.frame between ${first} and ${last} and held.frame is not null and held.deleted_at is null)`,
  );
  return sql`(${isNamed} and (${sql.join(isThere, sql` or `)}))`;
}

/**
 * The number of rows of each rank. The total is stored with the folder, so only its folders, which are few, and filtered rows
 * are counted.
 */
function countRows(ctx: PersonContext, wanted: Wanted, folder: SeenEntry | null): [number, number] {
  const rows = (rank: number) =>
    ctx.db
      .select({ rows: count() })
      .from(entries)
      .where(ofRank(ctx, wanted, rank))
      .get()!.rows;
  const folders = rows(0);
  if (wanted.foldersOnly) return [folders, 0];
  const isCounted = folder !== null && wanted.filter.trim() === '';
  return [folders, isCounted ? folder.itemCount - folders : rows(1)];
}

function rowsFrom(
  ctx: PersonContext,
  wanted: Wanted,
  counts: readonly [number, number],
  offset: number,
  limit: number,
): ViewedRow[] {
  const rows: ViewedRow[] = [];
  let skip = offset;
  for (const rank of ranks) {
    const take = Math.min(limit - rows.length, Math.max(0, counts[rank] - skip));
    if (take > 0) rows.push(...rowsOf(ctx, wanted, rank, take, skip));
    skip = Math.max(0, skip - counts[rank]);
  }
  return rows;
}

type Cursor = [rank: number, value: number | string, key: string, id: string];

function rowsAfter(ctx: PersonContext, wanted: Wanted, cursor: Cursor, limit: number): ViewedRow[] {
  const [rank] = cursor;
  const rows = rowsOf(ctx, wanted, rank, limit, 0, behind(wanted.order, cursor));
  if (rank === 1 || wanted.foldersOnly || rows.length === limit) return rows;
  return [...rows, ...rowsOf(ctx, wanted, 1, limit - rows.length, 0)];
}

function rowsOf(
  ctx: PersonContext,
  wanted: Wanted,
  rank: number,
  limit: number,
  offset: number,
  more?: SQL,
): ViewedRow[] {
  return ctx.db.all<ViewedRow>(sql`
    select ${viewedColumns} from entries where ${and(ofRank(ctx, wanted, rank), more)}
    order by ${keysOf(wanted.order)} limit ${limit} offset ${offset}`);
}

function behind({ column, descending }: EntryOrder, [, value, key, id]: Cursor): SQL {
  const compare = descending ? sql.raw('<') : sql.raw('>');
  return sql`(${sortColumns[column]}, sort_key, id) ${compare} (${value}, ${key}, ${id})`;
}

function keysOf({ column, descending }: EntryOrder): SQL {
  const turn = descending ? desc : asc;
  const keys = [
    turn(sortColumns[column]),
    ...(column === 'name' ? [] : [turn(entries.sortKey)]),
    turn(entries.id),
  ];
  return sql.join(keys, sql`, `);
}

function cursorOf(db: Reader, id: string, { column }: EntryOrder): string {
  const entry = db.select().from(entries).where(eq(entries.id, id)).get()!;
  const values = {
    name: entry.sortKey,
    size: entry.sizeBytes,
    changed: entry.updatedAt,
    shared: entry.shareCount,
    state: entry.stateRank,
  };
  return JSON.stringify([entry.rank, values[column], entry.sortKey, id] satisfies Cursor);
}

function readCursor(cursor: string): Cursor {
  try {
    const [rank, value, key, id, ...rest] = JSON.parse(cursor) as unknown[];
    const isValue = typeof value === 'number' || typeof value === 'string';
    const isOurs = (rank === 0 || rank === 1) && isValue && rest.length === 0;
    if (isOurs && typeof key === 'string' && typeof id === 'string') return [rank, value, key, id];
  } catch {
    // Falls through: every invalid cursor gets the same error.
  }
  throw new HubError('invalid_input', 'This cursor does not come from this list.', { field: 'cursor' });
}
