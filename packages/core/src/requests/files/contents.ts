/** Lists the contents of a request, now or in a submitted round, with one row for each image sequence. */
import { eq, sql, type SQL } from 'drizzle-orm';
import { assets } from '@turnover/db/schema/assets';
import { deliveredFiles } from '@turnover/db/schema/requests';
import type { ContentColumn } from '@turnover/domain/requests/content-order';
import type {
  ContentRowView,
  ContentsView,
  ListContentsInput,
  SequenceRowView,
} from '@turnover/domain/requests/contents';
import type { DeliveryRequest } from '../../access.ts';
import type { PersonContext } from '../../context.ts';
import { inList } from '../../in-list.ts';
import { changesSince } from './changes.ts';
import { knownSequences, type KnownSequences } from './known-sequences.ts';
import { viewFiles } from './list.ts';
import { ofSequences, scopeOf, type RoundScope } from './round-scope.ts';
import { pathsContaining } from './search.ts';
import { viewSequences } from './sequence-rows.ts';

export function listContents(
  ctx: PersonContext,
  request: DeliveryRequest,
  input: Omit<ListContentsInput, 'requestId'>,
): ContentsView {
  const scope = scopeOf(ctx, request, input.round);
  const known = knownSequences(ctx, scope);
  const inside = input.sequenceId !== null && known.totals.has(input.sequenceId) ? input.sequenceId : null;
  if (input.sequenceId !== null && inside === null) return { rows: [], total: 0, sequence: null };
  const wanted = inside === null ? folded(scope, known, input.filter) : framesOf(scope, inside, input.filter);
  const rows = ctx.db.all<{ id: string; sequenceKey: string | null }>(sql`
    ${wanted} order by ${orderOf(inside === null ? input.order : null)} limit ${input.limit} offset ${input.offset}`);
  const all = inside === null ? known.looseFiles + known.totals.size : known.totals.get(inside)!.files;
  return {
    rows: viewRows(ctx, scope, known, rows),
    total: isBlank(input.filter) ? all : count(ctx, wanted),
    sequence:
      inside === null
        ? null
        : (viewRows(ctx, scope, known, [{ id: '', sequenceKey: inside }])[0] as SequenceRowView),
  };
}

function count({ db }: PersonContext, wanted: SQL): number {
  return db.get<{ total: number }>(sql`select count(*) as total from (${wanted})`).total;
}

/** Selects a row for each sequence, and one for each file that is not a frame. */
function folded({ visible }: RoundScope, { totals, looseFiles }: KnownSequences, filter: string): SQL {
  const match = matching(filter);
  const loose = sql`
    select file.id as id, null as sequenceKey, file.path_key as place, asset.size_bytes as size, file.added_at as added, 0 as frame
    from delivered_files as file join assets as asset on asset.id = file.asset_id
    where ${visible} and not ${ofSequences([...totals.keys()])} and ${match}`;
  if (totals.size === 0) return loose;
  const sequences = sql`
    select value ->> 'id' as id, value ->> 'key' as sequenceKey, value ->> 'place' as place, value ->> 'sizeBytes' as size,
      value ->> 'addedAt' as added, 0 as frame
    from json_each(${JSON.stringify([...totals.values()])})
    where ${
      isBlank(filter)
        ? sql`1`
        : sql`value ->> 'key' in (
      select file.sequence_key from delivered_files as file where ${visible} and file.sequence_key is not null and ${match})`
    }`;
  // If all files are in sequences, skips reading them: with thousands of frames this would take longer than everything else.
  return looseFiles === 0 ? sequences : sql`${loose} union all ${sequences}`;
}

function framesOf({ visible }: RoundScope, key: string, filter: string): SQL {
  return sql`
    select id, null as sequenceKey, path_key as place, 0 as size, 0 as added, frame from delivered_files as file
    where ${visible} and sequence_key = ${key} and ${matching(filter)}`;
}

function matching(filter: string): SQL {
  if (isBlank(filter)) return sql`1`;
  const { ofPath, ofLook } = pathsContaining(filter.trim());
  return sql`(${ofPath} or coalesce(${ofLook}, 0))`;
}

function isBlank(filter: string): boolean {
  return filter.trim() === '';
}

const sortColumns: Record<ContentColumn, string> = { name: 'place', size: 'size', added: 'added' };

/** `order`: null for the frames of a sequence, which are sorted by number. */
function orderOf(order: ListContentsInput['order'] | null): SQL {
  if (order === null) return sql`frame, place, id`;
  const direction = sql.raw(order.descending ? 'desc' : 'asc');
  return sql`${sql.raw(sortColumns[order.column])} ${direction}, place ${order.column === 'name' ? direction : sql`asc`}, id`;
}

function viewRows(
  ctx: PersonContext,
  scope: RoundScope,
  known: KnownSequences,
  rows: readonly { id: string; sequenceKey: string | null }[],
): ContentRowView[] {
  const fileIds = rows.flatMap(({ id, sequenceKey }) => (sequenceKey === null ? [id] : []));
  const keys = rows.flatMap(({ sequenceKey }) => sequenceKey ?? []);
  const changes = changesSince(ctx.db, scope, fileIds, keys);
  const found = ctx.db
    .select({ file: deliveredFiles, asset: assets })
    .from(deliveredFiles)
    .innerJoin(assets, eq(assets.id, deliveredFiles.assetId))
    .where(inList(deliveredFiles.id, fileIds))
    .all();
  const files = new Map(viewFiles(ctx, scope.request, found).map((file) => [file.id, file]));
  const sequences = viewSequences(ctx.db, scope, known, keys);
  return rows.map(({ id, sequenceKey }): ContentRowView => {
    const change = changes?.get(sequenceKey ?? id) ?? null;
    if (sequenceKey !== null) return { ...sequences.get(sequenceKey)!, change };
    return { kind: 'file', id, file: files.get(id)!, change };
  });
}
