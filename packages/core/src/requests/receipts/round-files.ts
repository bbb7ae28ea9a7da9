/** Reads the files of a submitted round page by page, for documents about the whole round. */
import { and, eq, sql, type SQL } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { rounds } from '@turnover/db/schema/requests';
import { notFound } from '@turnover/domain/errors';
import type { ListedChecksum } from '@turnover/domain/manifests/writing/listed-file';
import type { DeliveryRequest } from '../../access.ts';
import { othersTurn } from '../../batches.ts';
import { inRound } from '../files/round-scope.ts';

export type SubmittedRound = typeof rounds.$inferSelect;

export type FileOfRound = {
  id: string;
  path: string;
  pathKey: string;
  sizeBytes: number;
  addedRound: number;
  addedAt: number;
  deliveredBy: string;
  isManifest: boolean;
  /** The checksums that the hub computed from the stored bytes. */
  checksums: ListedChecksum[];
};

const pageSize = 500;

/** Throws `not_found` for a round that was not submitted. */
export function loadSubmittedRound(db: Reader, request: DeliveryRequest, number: number): SubmittedRound {
  const round = db
    .select()
    .from(rounds)
    .where(and(eq(rounds.requestId, request.id), eq(rounds.number, number)))
    .get();
  if (!round) throw notFound();
  return round;
}

/** Sorted by path. `columns`: more SQL columns of `delivered_files as file`; each becomes a field of the rows. */
export async function* pagesOfRound<More extends object = object>(
  db: Reader,
  { requestId, number }: Pick<SubmittedRound, 'requestId' | 'number'>,
  columns: SQL = sql``,
): AsyncGenerator<(FileOfRound & More)[], void, void> {
  let [key, id] = ['', ''];
  for (;;) {
    const rows = db.all<Omit<FileOfRound & More, 'checksums' | 'isManifest'> & Raw>(sql`
      select file.id, file.path, file.path_key as pathKey, asset.size_bytes as sizeBytes,
        file.added_round as addedRound, file.added_at as addedAt, file.delivered_by as deliveredBy,
        file.is_manifest as isManifest,
        (select json_group_array(json_object('algorithm', algorithm, 'value', value, 'at', at) order by algorithm)
          from asset_checksums where asset_id = file.asset_id and source = 'computed') as checksums
        ${columns}
      from delivered_files as file join assets as asset on asset.id = file.asset_id
      where file.request_id = ${requestId} and ${inRound(number)} and (file.path_key, file.id) > (${key}, ${id})
      order by file.path_key, file.id limit ${pageSize}`);
    if (rows.length > 0) {
      yield rows.map((row) => ({
        ...row,
        isManifest: row.isManifest === 1,
        checksums: JSON.parse(row.checksums) as ListedChecksum[],
      })) as unknown as (FileOfRound & More)[];
    }
    const last = rows.at(-1);
    if (!last || rows.length < pageSize) return;
    [key, id] = [last.pathKey, last.id];
    await othersTurn();
  }
}

type Raw = { checksums: string; isManifest: number };
