/** Compares the files of a round with those of the round before it, for the rows of its contents. */
import { sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import type { ContentChange } from '@turnover/domain/requests/contents';
import { inList } from '../../in-list.ts';
import { ofSequences, type RoundScope } from './round-scope.ts';

/** The changes, keyed by file id or sequence key. Null when there is no round before. */
export function changesSince(
  db: Reader,
  { request, round, visible }: RoundScope,
  fileIds: readonly string[],
  keys: readonly string[],
): Map<string, ContentChange> | null {
  if (round === null || round === 1) return null;
  const isNew = sql`(file.added_round = ${round})`;
  const rows = db.all<{ row: string } & ContentChange>(sql`
    select row, sum(kind = 'added') as added, sum(kind = 'changed') as changed, sum(kind = 'renamed') as renamed, sum(kind = 'same') as same
    from (
      select case when ${inList(sql`file.id`, fileIds)} then file.id else file.sequence_key end as row,
        case
          when not ${isNew} then 'same'
          when before.id is not null then iif(${sameBytes('before')}, 'same', 'changed')
          when exists (
            select 1 from delivered_files as old where old.asset_id = file.asset_id and old.request_id = file.request_id
              and old.removal = 'renamed' and old.removed_round = ${round}) then 'renamed'
          else 'added'
        end as kind
      from delivered_files as file
      left join delivered_files as before on ${isNew} and before.request_id = ${request.id}
        and before.path_key = file.path_key and before.added_round < ${round} and before.removed_round = ${round}
      where ${visible} and (${inList(sql`file.id`, fileIds)} or ${ofSequences(keys)})
      group by file.id)
    group by row`);
  return new Map(rows.map(({ row, ...change }) => [row, change]));
}

/** The condition that two files have the same asset, or the same size and checksum. Every stored file has an xxh128. */
function sameBytes(other: string) {
  const asset = sql.raw(`${other}.asset_id`);
  return sql`(${asset} = file.asset_id or exists (
    select 1 from asset_checksums as one join asset_checksums as two on two.algorithm = one.algorithm and two.value = one.value
    join assets as asset on asset.id = one.asset_id join assets as twin on twin.id = two.asset_id and twin.size_bytes = asset.size_bytes
    where one.asset_id = file.asset_id and one.source = 'computed' and one.algorithm = 'xxh128'
      and two.asset_id = ${asset} and two.source = 'computed'))`;
}
