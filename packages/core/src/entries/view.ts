/** Views of entries. */
import { and, eq, gt, isNull, ne, or, sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import type { assets } from '@turnover/db/schema/assets';
import { entries } from '@turnover/db/schema/entries';
import { shares } from '@turnover/db/schema/shares';
import type { EntryView } from '@turnover/domain/workspace/entries';
import { mediaKind } from '@turnover/domain/media/media-kinds';
import { hiddenIn, visibleName } from '@turnover/domain/names/hidden-characters';
import { missingOf, stepOf, type FrameRange } from '@turnover/domain/sequences/frame-ranges';
import type { Entry } from '../access.ts';
import type { PersonContext } from '../context.ts';
import type { EntryAccess } from './access.ts';
import { summariseDeliveries } from './deliveries.ts';
import { inList } from '../in-list.ts';
import { previewKindsOf } from '../previews.ts';

const namesShown = 3;
const gapsInRow = 5;
/** The most frames read for all sequences of a page together. Reading them takes a few milliseconds. */
const framesLookedAt = 20_000;

/** The columns that a view needs. */
export type ViewedRow = Pick<
  Entry,
  | 'id'
  | 'projectId'
  | 'parentId'
  | 'kind'
  | 'name'
  | 'sizeBytes'
  | 'fileCount'
  | 'itemCount'
  | 'firstFrame'
  | 'lastFrame'
> &
  Pick<Entry, 'frameCount' | 'frameDivisor'> &
  Pick<Entry, 'shareCount' | 'createdAt' | 'updatedAt' | 'deletedAt'> & {
    assetId: string | null;
    assetState: (typeof assets.$inferSelect)['state'] | null;
    looksLike: string | null;
  };

/** The columns as SQL text: in long lists, building an object with every column would cost most of the time. */
export const viewedColumns = sql.raw(`
  entries.id, entries.project_id as projectId, entries.parent_id as parentId, entries.kind, entries.name, entries.size_bytes as sizeBytes,
  entries.file_count as fileCount, entries.item_count as itemCount, entries.first_frame as firstFrame,
  entries.last_frame as lastFrame, entries.frame_count as frameCount, entries.frame_divisor as frameDivisor, entries.share_count as shareCount, entries.created_at as createdAt,
  entries.updated_at as updatedAt, entries.deleted_at as deletedAt, entries.asset_id as assetId,
  (select state from assets where assets.id = entries.asset_id) as assetState,
  case when entries.look_key is null then (
    select name from entries as other where other.place_key = entries.place_key and other.look_key = entries.name_key
      and other.look_key is not null and other.deleted_at is null limit 1)
  else coalesce((
    select name from entries as other where other.place_key = entries.place_key and other.name_key = entries.look_key
      and other.deleted_at is null), (
    select name from entries as other where other.place_key = entries.place_key and other.look_key = entries.look_key
      and other.look_key is not null and other.deleted_at is null and other.id <> entries.id limit 1)) end as looksLike`);

/** Views in the order of `ids`. `access`: the person's access to the entries' parent; null when they own the entries. */
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
  const deliveries = summariseDeliveries(
    ctx,
    rows.filter(({ deletedAt }) => deletedAt === null),
  );
  const previews = previewKindsOf(
    ctx.db,
    rows.flatMap(({ assetId }) => assetId ?? []),
  );
  const look = { budget: framesLookedAt };
  return rows.map((row) => ({
    ...viewRow(row, shared.get(row.id), access, framesOf(ctx.db, row, look)),
    previews: previews.get(row.assetId ?? '') ?? [],
    delivery: deliveries.get(row.id) ?? null,
  }));
}

type SharedWith = EntryView['sharedWith'];

function viewRow(
  entry: ViewedRow,
  sharedWith: SharedWith | undefined,
  access: Pick<EntryAccess, 'rootId'> | null,
  frames: EntryView['frames'],
): Omit<EntryView, 'delivery' | 'previews'> {
  const isFile = entry.kind === 'file';
  const isTop = access !== null && access.rootId === entry.id;
  return {
    id: entry.id,
    parentId: isTop ? null : entry.parentId,
    kind: entry.kind,
    name: entry.name,
    visibleName: hiddenIn(entry.name).length > 0 ? visibleName(entry.name) : null,
    // Siblings of the topmost visible entry must stay hidden.
    looksLike: isTop || entry.deletedAt !== null ? null : entry.looksLike,
    sizeBytes: entry.sizeBytes,
    items: isFile ? null : entry.itemCount,
    files: isFile ? null : entry.fileCount,
    frames,
    mediaKind: entry.kind === 'folder' ? null : mediaKind(entry.name),
    state: isFile ? (entry.assetState === 'stored' ? 'stored' : 'verifying') : null,
    sharedWith: sharedWith ?? { names: [], people: 0 },
    createdAt: entry.createdAt,
    updatedAt: entry.updatedAt,
    deletedAt: entry.deletedAt,
  };
}

/** Counts are stored with the sequence. Ranges need its frames, which are read within the page's `budget`. */
function framesOf(
  db: Reader,
  { id, kind, firstFrame: first, lastFrame: last, itemCount, frameCount: count, frameDivisor }: ViewedRow,
  look: { budget: number },
): EntryView['frames'] {
  if (kind !== 'sequence' || first === null || last === null) return null;
  const counts = { first, last, count, divisor: frameDivisor };
  const [step, missing] = [stepOf(counts), missingOf(counts)];
  const summary = { first, last, count, step, missing, duplicates: itemCount - count };
  if (missing === 0) return { ...summary, ranges: [[first, last]], gaps: [] };
  const most = Math.min(itemCount, look.budget);
  look.budget -= most;
  const gaps = most === 0 ? [] : gapsIn(db, id, gapsInRow, step, most);
  return { ...summary, ...aroundGaps(first, last, step, missing, gaps) };
}

/** The ranges between the gaps. The part after the last known gap is a range only if no further frame is missing. */
export function aroundGaps(
  first: number,
  last: number,
  step: number,
  missing: number,
  gaps: FrameRange[],
): { ranges: FrameRange[] | null; gaps: FrameRange[] | null } {
  if (gaps.length === 0) return { ranges: null, gaps: null };
  const found = gaps.reduce((sum, [from, to]) => sum + (to - from) / step + 1, 0);
  const ranges: FrameRange[] = gaps.map(([from], index) => [
    index === 0 ? first : gaps[index - 1]![1] + step,
    from - step,
  ]);
  if (found === missing) ranges.push([gaps.at(-1)![1] + step, last]);
  return { ranges, gaps };
}

/**
 * The people with whom each entry is shared directly, by shares in force. People who are not the owner see only the shares
 * they made.
 */
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

/** The first and last number of each run of missing frames: at most `limit` runs, within the first `most` files. */
export function gapsIn(db: Reader, sequenceId: string, limit: number, step = 1, most = -1): FrameRange[] {
  const rows = db.all<{ from: number; to: number }>(sql`
    select previous + ${step} as "from", frame - ${step} as "to" from (
      select frame, lag(frame) over (order by frame) as previous from (
        select frame from entries where parent_id = ${sequenceId} and deleted_at is null and frame is not null
        order by frame limit ${most})
    ) where previous is not null and frame > previous + ${step} order by frame limit ${limit}`);
  return rows.map(({ from, to }) => [from, to]);
}

/** Groups of file names that are the same frame of a sequence. */
export function sameFramesIn(db: Reader, sequenceId: string, limit: number): string[][] {
  const rows = db.all<{ frame: number; name: string }>(sql`
    select each.frame, each.name from (
      select frame from entries where parent_id = ${sequenceId} and deleted_at is null and frame is not null
      group by frame having count(*) > 1 order by frame limit ${limit}
    ) as doubled cross join entries as each
    where each.parent_id = ${sequenceId} and each.frame = doubled.frame and each.deleted_at is null
    order by each.frame, length(each.name) desc, each.name`);
  return [...Map.groupBy(rows, ({ frame }) => frame).values()].map((group) => group.map(({ name }) => name));
}

/** The names of files in the same place that would be the same frame, the file's own name first; empty without any. */
export function sameFrameAs(db: Reader, { id, name, placeKey, sequenceKey, frame }: Entry): string[][] {
  if (sequenceKey === null || frame === null) return [];
  const beside = db
    .select({ name: entries.name })
    .from(entries)
    .where(
      and(
        eq(entries.placeKey, placeKey!),
        eq(entries.sequenceKey, sequenceKey),
        eq(entries.frame, frame),
        isNull(entries.deletedAt),
        ne(entries.id, id),
      ),
    )
    .limit(gapsInRow)
    .all();
  return beside.length === 0 ? [] : [[name, ...beside.map((each) => each.name)]];
}
