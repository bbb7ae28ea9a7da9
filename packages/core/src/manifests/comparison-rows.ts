/** Reads the rows for a comparison page by page, and writes the changed verdicts. */
import { and, asc, eq, gt, isNull, sql } from 'drizzle-orm';
import type { Database } from '@turnover/db/open';
import { assets } from '@turnover/db/schema/assets';
import { manifestEntries } from '@turnover/db/schema/manifests';
import { deliveredFiles } from '@turnover/db/schema/requests';
import type { ChecksumAlgorithm } from '@turnover/domain/media/checksums';
import type { ListHistory } from '@turnover/domain/manifests/list-history';
import type { EntryNote } from '@turnover/domain/manifests/manifest';
import type { CheckedFile, EntryVerdict } from '@turnover/domain/manifests/verdicts';
import { inTurns } from '../batches.ts';
import type { Context } from '../context.ts';
import { underLease } from '../jobs.ts';
import { rowsPerBatch } from './lists.ts';
import type { ComparisonJob } from './queue.ts';

export type ComparedFile = CheckedFile & {
  id: string;
  path: string;
  isManifest: boolean;
  deliveredBy: string;
  assetId: string;
  verdicts: EntryVerdict[];
  /** Whether an entry of an older generation of the history names the file. */
  isOlder: boolean;
};

/** A checksum list among the files. */
export type ComparedList = ComparedFile & {
  /** The file name, without folders. */
  name: string;
  what: string;
  ignores: readonly string[];
  history: ListHistory | null;
};

export type EntryRow = typeof manifestEntries.$inferSelect;

export type Change = [
  number: number,
  fileId: string | null,
  verdict: EntryVerdict,
  algorithm: string | null,
  notes: string,
  /** Null keeps the stored path. */
  path: string | null,
];

export function asEntry({ algorithms, notes, ...entry }: EntryRow) {
  return {
    ...entry,
    algorithms: algorithms.split(' ').filter(Boolean) as ChecksumAlgorithm[],
    notes: notes.split(' ').filter(Boolean) as EntryNote[],
  };
}

const filesPerPage = 500;

export async function filesOf(db: Database, requestId: string): Promise<ComparedFile[]> {
  const files: ComparedFile[] = [];
  await inTurns(pagesOf(db, requestId), (page) => files.push(...page));
  return files;
}

function* pagesOf(db: Database, requestId: string): Iterable<ComparedFile[]> {
  const { id, path, pathKey, isManifest, deliveredBy, assetId } = deliveredFiles;
  for (let after = ''; ;) {
    const rows = db
      .select({
        id,
        path,
        pathKey,
        isManifest,
        deliveredBy,
        assetId,
        sizeBytes: assets.sizeBytes,
        state: assets.state,
        checksums: sql<
          string | null
        >`(select group_concat(algorithm || ':' || value, ' ') from asset_checksums
          where asset_id = ${assets.id} and source = 'computed')`,
      })
      .from(deliveredFiles)
      .innerJoin(assets, eq(assets.id, deliveredFiles.assetId))
      .where(
        and(eq(deliveredFiles.requestId, requestId), isNull(deliveredFiles.removedAt), gt(pathKey, after)),
      )
      .orderBy(asc(pathKey))
      .limit(filesPerPage)
      .all();
    yield rows.map(({ state, checksums, pathKey: _, ...file }) => ({
      ...file,
      isArriving: state !== 'stored',
      checksums: new Map(
        (checksums?.split(' ') ?? []).map((each) => each.split(':') as [ChecksumAlgorithm, string]),
      ),
      verdicts: [],
      isOlder: false,
    }));
    const last = rows.at(-1);
    if (!last || rows.length < filesPerPage) return;
    after = last.pathKey;
  }
}

export async function entriesOf(db: Database, listId: string): Promise<EntryRow[]> {
  const rows: EntryRow[] = [];
  const pages = function* () {
    for (let after = -1; ;) {
      const page = db
        .select()
        .from(manifestEntries)
        .where(and(eq(manifestEntries.listId, listId), gt(manifestEntries.number, after)))
        .orderBy(asc(manifestEntries.number))
        .limit(filesPerPage)
        .all();
      yield page;
      const last = page.at(-1);
      if (!last || page.length < filesPerPage) return;
      after = last.number;
    }
  };
  await inTurns(pages(), (page) => rows.push(...page));
  return rows;
}

/** Writes the changed verdicts in batches. */
export async function writeChanges(
  ctx: Context,
  job: ComparisonJob,
  listId: string,
  changes: readonly Change[],
): Promise<void> {
  const batches = Array.from({ length: Math.ceil(changes.length / rowsPerBatch) }, (_, at) =>
    changes.slice(at * rowsPerBatch, (at + 1) * rowsPerBatch),
  );
  await inTurns(batches, (batch) => {
    underLease(ctx.db, job, (tx) => {
      // Updates existing rows, but is written as an insert that conflicts on their key: SQLite plans an update from
      // `json_each` the wrong way round, and would parse the JSON again for every entry.
      tx.run(sql`
        insert into manifest_entries (list_id, number, path, algorithms, value, line, notes, file_id, verdict, algorithm, match_notes)
        select ${listId}, value ->> 0, coalesce(value ->> 5, ''), '', '', 0, '', value ->> 1, value ->> 2, value ->> 3, value ->> 4
        from json_each(${JSON.stringify(batch)}) where true
        on conflict (list_id, number) do update set file_id = excluded.file_id, verdict = excluded.verdict,
          algorithm = excluded.algorithm, match_notes = excluded.match_notes,
          path = case excluded.path when '' then manifest_entries.path else excluded.path end`);
    });
  });
}
