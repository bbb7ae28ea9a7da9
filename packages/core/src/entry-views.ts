/** Entries as they are told. */
import { and, eq, isNull, or, gt, sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import type { assets } from '@turnover/db/schema/assets';
import { entries } from '@turnover/db/schema/entries';
import { shares } from '@turnover/db/schema/shares';
import type { EntryView } from '@turnover/domain/entries';
import { mediaKind } from '@turnover/domain/media-kinds';
import { hiddenIn, visibleName } from '@turnover/domain/names/hidden-characters';
import { missingFrames } from '@turnover/domain/sequences';
import type { Entry } from './access.ts';
import type { PersonContext } from './context.ts';
import type { EntryAccess } from './entry-access.ts';
import { inList } from './in-list.ts';

const namesShown = 3;

/** What of an entry and its bytes a view is made from. */
export type ViewedRow = Pick<
  Entry,
  'id' | 'parentId' | 'kind' | 'name' | 'sizeBytes' | 'fileCount' | 'itemCount' | 'firstFrame' | 'lastFrame'
> &
  Pick<Entry, 'shareCount' | 'createdAt' | 'updatedAt' | 'deletedAt'> & {
    assetState: (typeof assets.$inferSelect)['state'] | null;
    looksLike: string | null;
  };

/** As SQL, for the lists, where building an object of every column for every row would be most of the work. */
export const viewedColumns = sql.raw(`
  entries.id, entries.parent_id as parentId, entries.kind, entries.name, entries.size_bytes as sizeBytes,
  entries.file_count as fileCount, entries.item_count as itemCount, entries.first_frame as firstFrame,
  entries.last_frame as lastFrame, entries.share_count as shareCount, entries.created_at as createdAt,
  entries.updated_at as updatedAt, entries.deleted_at as deletedAt,
  (select state from assets where assets.id = entries.asset_id) as assetState,
  case when entries.look_key is null then (
    select name from entries as other where other.place_key = entries.place_key and other.look_key = entries.name_key
      and other.look_key is not null and other.deleted_at is null limit 1)
  else coalesce((
    select name from entries as other where other.place_key = entries.place_key and other.name_key = entries.look_key
      and other.deleted_at is null), (
    select name from entries as other where other.place_key = entries.place_key and other.look_key = entries.look_key
      and other.look_key is not null and other.deleted_at is null and other.id <> entries.id limit 1)) end as looksLike`);

/** In the order of `ids`. `access`: the caller's to what holds them; null: they are the caller's own. */
export function viewEntries(
  ctx: PersonContext,
  ids: readonly string[],
  access: Pick<EntryAccess, 'isOwner' | 'rootId'> | null,
): EntryView[] {
  const rows = ctx.db.all<ViewedRow>(
    sql`select ${viewedColumns} from entries where ${inList(entries.id, ids)}`,
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return viewRows(
    ctx,
    ids.flatMap((id) => byId.get(id) ?? []),
    access,
  );
}

export function viewRows(
  ctx: PersonContext,
  rows: readonly ViewedRow[],
  access: Pick<EntryAccess, 'isOwner' | 'rootId'> | null,
): EntryView[] {
  const sharedIds = rows.filter(({ shareCount }) => shareCount > 0).map(({ id }) => id);
  const shared = sharedWith(ctx, sharedIds, access?.isOwner ?? true);
  return rows.map((row) => viewRow(row, shared.get(row.id), access));
}

type SharedWith = EntryView['sharedWith'];

function viewRow(
  entry: ViewedRow,
  sharedWith: SharedWith | undefined,
  access: Pick<EntryAccess, 'rootId'> | null,
): EntryView {
  const isFile = entry.kind === 'file';
  const isTop = access !== null && access.rootId === entry.id;
  return {
    id: entry.id,
    parentId: isTop ? null : entry.parentId,
    kind: entry.kind,
    name: entry.name,
    visibleName: hiddenIn(entry.name).length > 0 ? visibleName(entry.name) : null,
    // Of what lies beside the topmost entry within reach nothing is told.
    looksLike: isTop || entry.deletedAt !== null ? null : entry.looksLike,
    sizeBytes: entry.sizeBytes,
    items: isFile ? null : entry.itemCount,
    files: isFile ? null : entry.fileCount,
    frames: framesOf(entry),
    mediaKind: entry.kind === 'folder' ? null : mediaKind(entry.name),
    state: isFile ? (entry.assetState === 'stored' ? 'stored' : 'verifying') : null,
    sharedWith: sharedWith ?? { names: [], people: 0 },
    createdAt: entry.createdAt,
    updatedAt: entry.updatedAt,
    deletedAt: entry.deletedAt,
  };
}

function framesOf({ kind, firstFrame: first, lastFrame: last, itemCount }: ViewedRow): EntryView['frames'] {
  if (kind !== 'sequence' || first === null || last === null) return null;
  return { first, last, missing: missingFrames(first, last, itemCount) };
}

/** By entry: of the shares in force by themselves; a sharee is told of those they made. */
function sharedWith(
  { db, person, clock }: PersonContext,
  ids: readonly string[],
  seesAll: boolean,
): Map<string, SharedWith> {
  if (ids.length === 0) return new Map();
  const rows = db
    .select({ entryId: shares.entryId, name: sql<string>`coalesce(${users.name}, ${shares.granteeEmail})` })
    .from(shares)
    .leftJoin(users, eq(users.id, shares.granteeId))
    .where(
      and(
        inList(shares.entryId, ids),
        isNull(shares.revokedAt),
        or(isNull(shares.expiresAt), gt(shares.expiresAt, clock())),
        seesAll ? undefined : eq(shares.sharerId, person.id),
      ),
    )
    .orderBy(shares.id)
    .all();
  const found = new Map<string, SharedWith>();
  for (const [entryId, group] of Map.groupBy(rows, (row) => row.entryId)) {
    const names = [...new Set(group.map(({ name }) => name))];
    found.set(entryId, { names: names.slice(0, namesShown), people: names.length });
  }
  return found;
}

export function viewEntry(ctx: PersonContext, entry: Entry & { access: EntryAccess }): EntryView {
  return viewEntries(ctx, [entry.id], entry.access)[0]!;
}

/** First and last of each run of frames that are not there, at most `limit` of them. */
export function gapsIn(db: Reader, sequenceId: string, limit: number): [number, number][] {
  const rows = db.all<{ from: number; to: number }>(sql`
    select previous + 1 as "from", frame - 1 as "to" from (
      select frame, lag(frame) over (order by frame) as previous from entries
      where parent_id = ${sequenceId} and deleted_at is null and frame is not null
    ) where previous is not null and frame > previous + 1 order by frame limit ${limit}`);
  return rows.map(({ from, to }) => [from, to]);
}
