/** The archive members of a request: selected present files, or the files of a submitted round. */
import { and, sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { ArchiveNames } from '@turnover/domain/archives/archive-names';
import type { FileSelection } from '@turnover/domain/requests/files';
import { selectedFiles } from '../requests/files/remove.ts';
import { inRound } from '../requests/files/round-scope.ts';
import type { ArchivedFile } from './archived-file.ts';

type Row = Omit<ArchivedFile, 'isRemoved'> & { pathKey: string; isRemoved: number };

const pageSize = 500;

/** Sorted by path. */
export function* filesOfRequest(
  db: Reader,
  target: { requestId: string; round: number | null; selection: FileSelection },
): Generator<ArchivedFile, void, void> {
  const names = new Folders();
  let after = { pathKey: '', fileId: '' };
  for (;;) {
    const rows: Row[] = pageOf(db, target, after);
    for (const { pathKey: _, ...row } of rows) {
      yield { ...row, path: names.place(row.path), isRemoved: row.isRemoved === 1 };
    }
    const last = rows.at(-1);
    if (!last || rows.length < pageSize) return;
    after = { pathKey: last.pathKey, fileId: last.fileId! };
  }
}

/**
 * Makes names unique in each folder. Old rounds may hold names that differ only in case, because their name keys followed
 * other rules.
 */
class Folders {
  readonly #names = new Map<string, ArchiveNames>();

  place(path: string): string {
    const from = path.lastIndexOf('/') + 1;
    const folder = path.slice(0, from);
    const names = this.#names.get(folder) ?? new ArchiveNames();
    this.#names.set(folder, names);
    return folder + names.take(path.slice(from), 'file');
  }
}

function pageOf(
  db: Reader,
  { requestId, round, selection }: { requestId: string; round: number | null; selection: FileSelection },
  after: { pathKey: string; fileId: string },
): Row[] {
  const table = sql.raw(round === null ? 'delivered_files' : 'file');
  const wanted =
    round === null
      ? selectedFiles(requestId, selection)
      : and(sql`file.request_id = ${requestId}`, inRound(round));
  return db.all(sql`
    select ${table}.id as fileId, ${table}.path, ${table}.path_key as pathKey, ${table}.added_at as at,
      ${table}.removed_at is not null as isRemoved, asset.id as assetId,
      asset.size_bytes as sizeBytes, iif(${table}.purged_at is null, asset.state, 'freed') as state, asset.crc32 as crc
    from delivered_files as ${table} join assets as asset on asset.id = ${table}.asset_id
    where ${wanted} and (${table}.path_key, ${table}.id) > (${after.pathKey}, ${after.fileId})
    order by ${table}.path_key, ${table}.id limit ${pageSize}`);
}
