/** The archive members of selected entries, with their folders, sorted by name. */
import { sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { entries } from '@turnover/db/schema/entries';
import { ArchiveNames } from '@turnover/domain/archives/archive-names';
import type { EntryKind } from '@turnover/domain/workspace/entries';
import { inList } from '../in-list.ts';
import type { ArchivedFile, AssetState } from './archived-file.ts';

type Row = {
  id: string;
  kind: EntryKind;
  name: string;
  at: number;
  rank: number;
  sortKey: string;
  assetId: string | null;
  sizeBytes: number | null;
  state: AssetState | null;
  crc: number | null;
};

/** A folder that is being walked. Frames of a sequence lie directly in the folder of the sequence, as in a delivery. */
type Level = {
  folder: string;
  names: ArchiveNames;
  rows: Iterator<Row>;
  /** When the folder was last changed, as long as nothing was found in it; null when it needs no member of its own. */
  emptyAt: number | null;
};

const pageSize = 500;

/** Walks depth first. An empty folder gets a member of its own; other folders appear in the paths of their files. */
export function* filesOfEntries(db: Reader, rootIds: readonly string[]): Generator<ArchivedFile, void, void> {
  const rows = roots(db, rootIds).values();
  const levels: Level[] = [{ folder: '', names: new ArchiveNames(), rows, emptyAt: null }];
  for (let level = levels.at(-1); level; level = levels.at(-1)) {
    const { folder, names, rows } = level;
    const { value: row, done } = rows.next();
    if (done) {
      levels.pop();
      if (level.emptyAt !== null) yield emptyFolder(folder, level.emptyAt);
      continue;
    }
    level.emptyAt = null;
    if (row.kind === 'sequence') levels.push({ folder, names, rows: childrenOf(db, row.id), emptyAt: null });
    else if (row.kind === 'folder') {
      const path = `${folder}${names.take(row.name, 'folder')}/`;
      const children = childrenOf(db, row.id);
      levels.push({ folder: path, names: new ArchiveNames(), rows: children, emptyAt: row.at });
    } else yield fileOf(row, folder + names.take(row.name, 'file'));
  }
}

function emptyFolder(path: string, at: number): ArchivedFile {
  return { path, fileId: null, isRemoved: false, assetId: null, sizeBytes: 0, at, state: 'stored', crc: 0 };
}

function fileOf({ id, at, assetId, sizeBytes, state, crc }: Row, path: string): ArchivedFile {
  return {
    path,
    fileId: id,
    isRemoved: false,
    at,
    assetId,
    sizeBytes: sizeBytes ?? 0,
    state: state ?? 'freed',
    crc,
  };
}

const columns = sql`entries.id, entries.kind, entries.name, entries.updated_at as at, entries.rank, entries.sort_key as sortKey,
  assets.id as assetId, assets.size_bytes as sizeBytes, assets.state, assets.crc32 as crc`;
const order = sql`order by entries.rank, entries.sort_key, entries.id`;

function roots(db: Reader, ids: readonly string[]): Row[] {
  return db.all(sql`select ${columns} from entries left join assets on assets.id = entries.asset_id
    where ${inList(entries.id, ids)} ${order}`);
}

function* childrenOf(db: Reader, parentId: string): Generator<Row, void, void> {
  let after: Pick<Row, 'rank' | 'sortKey' | 'id'> = { rank: -1, sortKey: '', id: '' };
  for (;;) {
    const rows: Row[] =
      db.all(sql`select ${columns} from entries left join assets on assets.id = entries.asset_id
      where entries.place_key = ${parentId} and entries.deleted_at is null
        and (entries.rank, entries.sort_key, entries.id) > (${after.rank}, ${after.sortKey}, ${after.id})
      ${order} limit ${pageSize}`);
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < pageSize) return;
    after = last;
  }
}
