/** What checksum lists say: a summary for a request, and the verdict on each of its files. */
import { sql, type SQL } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { ignoredFiles, manifestEntries } from '@turnover/db/schema/manifests';
import { deliveredFiles } from '@turnover/db/schema/requests';
import { isSystemLitter } from '@turnover/domain/workspace/litter';
import type { ManifestCreator } from '@turnover/domain/manifests/creator';
import { generationOf } from '@turnover/domain/manifests/history';
import {
  noCounts,
  type FileManifestView,
  type ManifestCounts,
  type ManifestSummaryView,
} from '@turnover/domain/manifests/summary';
import type { FileVerdict } from '@turnover/domain/manifests/verdicts';
import { seesOwnFilesOnly, type DeliveredFile, type DeliveryRequest } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { entryColumns, firstOf, listFor, notesOf, rankOf, type EntryRow } from './entry-rows.ts';
import { comparisonOf } from './state.ts';

type Reading = Pick<PersonContext, 'db' | 'person'>;

/** Null when the reader sees no list among the files. */
export function summariseManifests({ db, person }: Reading, request: DeliveryRequest): ManifestSummaryView {
  const known = comparisonOf(db, request.id);
  if (request.manifestCount === 0) return null;
  const comparing = known === undefined || known.done < known.wanted;
  if (!seesOwnFilesOnly(db, person, request.projectId)) {
    return { lists: request.manifestCount, comparing, counts: known?.counts ?? null };
  }
  return {
    lists: ownLists(db, person.id, request.id),
    comparing,
    counts: known?.counts ? ownCounts(db, person.id, request.id) : null,
  };
}

/**
 * Returns a function that finds the deciding entry of a file, or null when no list names the file. Hides the names of lists
 * that the reader may not see.
 */
export function manifestsOf(
  { db, person }: Reading,
  request: DeliveryRequest,
  files: readonly DeliveredFile[],
): (file: DeliveredFile) => FileManifestView {
  const known = request.manifestCount === 0 ? undefined : comparisonOf(db, request.id);
  if (!known?.counts) return () => null;
  const decisive = new Map(
    decisiveEntries(
      db,
      files.map(({ id }) => id),
    ).map((row) => [row.fileId!, row]),
  );
  const ignored = ignoredAmong(
    db,
    files.map(({ id }) => id),
  );
  const isCurrent = known.done === known.wanted;
  const listOf = listFor(db, person, request);
  return (file) => {
    const row = decisive.get(file.id);
    if (row) {
      const { verdict, algorithm, value, found, sizeBytes } = row;
      const list = listOf(row);
      return {
        verdict: verdict as FileVerdict,
        list,
        algorithm: algorithm ?? firstOf(row.algorithms),
        expected: value || null,
        found,
        expectedBytes: sizeBytes,
        computedAt: row.computedAt,
        creator: list && row.creator ? (JSON.parse(row.creator) as ManifestCreator) : null,
        generation: generationOf(row.listPath)?.number ?? null,
        ignoredBy: null,
        notes: notesOf(row),
      };
    }
    const left = ignored.get(file.id);
    if (left) {
      const list = listOf(left);
      return { ...unnamed, verdict: 'ignored', list, ignoredBy: list && left.pattern };
    }
    if (file.isManifest || isSystemLitter(file.path)) return null;
    // During a comparison it is not yet known whether a list names the file.
    return { ...unnamed, verdict: isCurrent ? 'extra' : 'pending' };
  };
}

/** SQL condition for queries on `delivered_files`: a list names the file, or its ignore patterns exclude it. */
export const isNamedInList: SQL<number> = sql`(exists (
  select 1 from ${manifestEntries} where ${manifestEntries.fileId} = ${deliveredFiles.id})
  or exists (select 1 from ${ignoredFiles} where ${ignoredFiles.fileId} = ${deliveredFiles.id}))`;

/** The view of a file that no list names. */
const unnamed = {
  list: null,
  algorithm: null,
  expected: null,
  found: null,
  expectedBytes: null,
  computedAt: null,
  creator: null,
  generation: null,
  ignoredBy: null,
  notes: [],
};

function decisiveEntries(db: Reader, fileIds: readonly string[]): EntryRow[] {
  return db.all<EntryRow>(sql`
    select * from (
      select ${entryColumns}, row_number() over (partition by entry.file_id order by ${rankOf(sql`entry.verdict`)}, entry.number) as place
      from json_each(${JSON.stringify(fileIds)}) as wanted
      cross join manifest_entries as entry on entry.file_id = wanted.value and entry.verdict <> 'superseded'
      join delivered_files as file on file.id = entry.file_id
      join delivered_files as list on list.id = entry.list_id and list.removed_at is null
      join manifests as read on read.file_id = list.id
    ) where place = 1`);
}

type Left = Pick<EntryRow, 'listId' | 'listPath' | 'listedBy'> & { fileId: string; pattern: string };

function ignoredAmong(db: Reader, fileIds: readonly string[]): Map<string, Left> {
  const rows = db.all<Left>(sql`
    select ignored.file_id as fileId, ignored.pattern, list.id as listId, list.path as listPath,
      list.delivered_by as listedBy
    from json_each(${JSON.stringify(fileIds)}) as wanted
    cross join ignored_files as ignored on ignored.file_id = wanted.value
    join delivered_files as list on list.id = ignored.list_id and list.removed_at is null`);
  return new Map(rows.map((row) => [row.fileId, row]));
}

/** Counts for roles that see only their own files. Missing files count only for the person's own lists. */
function ownCounts(db: Reader, deliveredBy: string, requestId: string): ManifestCounts {
  const rows = db.all<{ verdict: FileVerdict; files: number }>(sql`
    select verdict, count(*) as files from (
      select case min(case when entry.verdict is null then 9 else ${rankOf(sql`entry.verdict`)} end) when 0 then 'differs' when 2 then 'match' when 3 then 'pending'
        when 4 then 'uncheckable' else 'extra' end as verdict
      from delivered_files as file
      left join manifest_entries as entry on entry.file_id = file.id and entry.verdict <> 'superseded'
      where file.request_id = ${requestId} and file.removed_at is null and file.delivered_by = ${deliveredBy}
        and (file.is_manifest = 0 or entry.file_id is not null)
        and (entry.file_id is not null or not exists (select 1 from ignored_files where file_id = file.id))
      group by file.id
    ) group by verdict`);
  const { missing } = db.get<{ missing: number }>(sql`
    select count(distinct entry.list_id || entry.path) as missing from manifests as read
    join delivered_files as list on list.id = read.file_id and list.removed_at is null
    cross join manifest_entries as entry on entry.list_id = read.file_id and entry.verdict = 'missing'
    where read.request_id = ${requestId} and list.delivered_by = ${deliveredBy}
      and entry.match_notes <> 'the_list_itself'`);
  return { ...noCounts, ...Object.fromEntries(rows.map(({ verdict, files }) => [verdict, files])), missing };
}

function ownLists(db: Reader, deliveredBy: string, requestId: string): number {
  return db.get<{ lists: number }>(sql`
    select count(*) as lists from delivered_files
    where request_id = ${requestId} and removed_at is null and is_manifest = 1 and delivered_by = ${deliveredBy}`)
    .lists;
}
