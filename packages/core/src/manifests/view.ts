/** Views of checksum lists: a summary for a request and for each of its files, and all entries. */
import { and, eq, isNull, sql, type SQL } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { ignoredFiles, manifestEntries, manifests } from '@turnover/db/schema/manifests';
import { deliveredFiles } from '@turnover/db/schema/requests';
import type { ChecksumAlgorithm } from '@turnover/domain/media/checksums';
import { isSystemLitter } from '@turnover/domain/workspace/litter';
import type { ManifestCreator } from '@turnover/domain/manifests/creator';
import { generationOf } from '@turnover/domain/manifests/history';
import {
  noCounts,
  type FileManifestView,
  type ManifestCounts,
  type ManifestSummaryView,
} from '@turnover/domain/manifests/summary';
import { entryVerdicts, type EntryVerdict, type FileVerdict } from '@turnover/domain/manifests/verdicts';
import {
  reasonFor,
  type ManifestEntriesInput,
  type ManifestEntryListView,
  type ManifestEntryView,
  type ManifestListView,
} from '@turnover/domain/manifests/views';
import { seesOwnFilesOnly, type DeliveredFile, type DeliveryRequest } from '../access.ts';
import type { PersonContext } from '../context.ts';
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

/** Returns a function that names the list of an entry, or null when the reader may not see that list. */
function listFor(db: Reader, person: PersonContext['person'], request: DeliveryRequest) {
  const own = seesOwnFilesOnly(db, person, request.projectId);
  return ({
    listId: id,
    listPath: path,
    listedBy,
  }: Pick<Row, 'listId' | 'listPath' | 'listedBy'>): { id: string; path: string } | null =>
    own && listedBy !== person.id ? null : { id, path };
}

/** SQL condition for queries on `delivered_files`: a list names the file, or its ignore patterns exclude it. */
export const isNamedInList: SQL<number> = sql`(exists (
  select 1 from ${manifestEntries} where ${manifestEntries.fileId} = ${deliveredFiles.id})
  or exists (select 1 from ${ignoredFiles} where ${ignoredFiles.fileId} = ${deliveredFiles.id}))`;

export function listManifests({ db, person }: Reading, request: DeliveryRequest): ManifestListView {
  const own = seesOwnFilesOnly(db, person, request.projectId)
    ? eq(deliveredFiles.deliveredBy, person.id)
    : undefined;
  const rows = db
    .select({ id: deliveredFiles.id, path: deliveredFiles.path, list: manifests })
    .from(deliveredFiles)
    .leftJoin(manifests, eq(manifests.fileId, deliveredFiles.id))
    .where(
      and(
        eq(deliveredFiles.requestId, request.id),
        isNull(deliveredFiles.removedAt),
        eq(deliveredFiles.isManifest, true),
        own,
      ),
    )
    .orderBy(deliveredFiles.pathKey)
    .limit(maxLists)
    .all();
  return rows.map(({ id, path, list }) => ({
    id,
    path,
    kind: list?.kind ?? 'reading',
    what: list?.what || null,
    entries: list?.entries ?? 0,
    unread: list?.unread ?? 0,
    notes: list?.notes ?? [],
    counts: countEntries(db, id),
    creator: list?.creator ?? null,
    history: list?.history ?? null,
    ignores: [...(list?.ignores ?? [])],
  }));
}

/** The most lists returned. A delivery may have one list for each of 75,000 frames; then the entries are easier to read. */
const maxLists = 500;

function countEntries(db: Reader, listId: string): Record<EntryVerdict, number> {
  const rows = db.all<{ verdict: EntryVerdict; entries: number }>(sql`
    select verdict, count(*) as entries from manifest_entries where list_id = ${listId} group by verdict`);
  const counts = Object.fromEntries(entryVerdicts.map((verdict) => [verdict, 0]));
  return {
    ...counts,
    ...Object.fromEntries(rows.map(({ verdict, entries }) => [verdict, entries])),
  } as Record<EntryVerdict, number>;
}

/** Entries about files and missing files, worst first, then the files that no list names. */
export function listManifestEntries(
  { db, person }: Reading,
  request: DeliveryRequest,
  { verdict, offset, limit }: Pick<ManifestEntriesInput, 'verdict' | 'offset' | 'limit'>,
): ManifestEntryListView {
  const own = seesOwnFilesOnly(db, person, request.projectId);
  const theirs = own ? sql`and coalesce(file.delivered_by, list.delivered_by) = ${person.id}` : sql``;
  const wanted = verdict
    ? sql`and entry.verdict = ${verdict}`
    : sql`and entry.verdict not in ('match', 'superseded')`;
  const named =
    verdict === 'extra'
      ? []
      : db.all<Row & { rank: number }>(sql`
          select ${columns}, ${rank(sql`entry.verdict`)} as rank, min(entry.number) as number from manifests as read
          join delivered_files as list on list.id = read.file_id and list.removed_at is null
          cross join manifest_entries as entry on entry.list_id = read.file_id
          left join delivered_files as file on file.id = entry.file_id
          where read.request_id = ${request.id} and entry.match_notes <> 'the_list_itself' ${wanted} ${theirs}
          -- hashdeep has two values for each file: one row for each path.
          group by entry.list_id, entry.path, entry.verdict
          order by rank, list.path_key, number limit ${limit + 1} offset ${offset}`);
  const listOf = listFor(db, person, request);
  const entries = named.map((row): ManifestEntryView => ({
    ...pathAndLine(row, listOf(row)),
    file: row.fileId === null ? null : { id: row.fileId, path: row.filePath! },
    algorithm: row.algorithm ?? firstOf(row.algorithms),
    expected: row.value || null,
    found: row.found,
    expectedBytes: row.sizeBytes,
    computedAt: listOf(row) && row.computedAt,
    notes: notesOf(row),
    reason: reasonFor(row.verdict),
  }));
  if (entries.length <= limit && (verdict === undefined || verdict === 'extra') && hasLists(db, request)) {
    const before = verdict === 'extra' ? 0 : countNamed(db, request.id, wanted, theirs);
    const from = Math.max(0, offset - before);
    entries.push(...unnamedFiles(db, request.id, own ? person.id : null, from, limit + 1 - entries.length));
  }
  return { entries: entries.slice(0, limit), more: entries.length > limit };
}

/** The path and line in the list. When the reader may not see the list: the path in the request, and no line. */
function pathAndLine(
  { verdict, path, line, filePath }: Row,
  list: ManifestEntryView['list'],
): Pick<ManifestEntryView, 'verdict' | 'path' | 'line' | 'list'> {
  return list ? { verdict, list, path, line } : { verdict, list, path: filePath ?? path, line: null };
}

type Row = {
  listId: string;
  listPath: string;
  listedBy: string;
  fileId: string | null;
  filePath: string | null;
  path: string;
  line: number;
  algorithms: string;
  algorithm: ChecksumAlgorithm | null;
  value: string;
  sizeBytes: number | null;
  notes: string;
  matchNotes: string;
  computedAt: number | null;
  /** As JSON; null when the list states none. */
  creator: string | null;
  verdict: EntryVerdict;
  found: string | null;
};

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

/** Selected columns. They use the aliases `entry`, `list`, `read` and `file`. */
const columns = sql`entry.list_id as listId, list.path as listPath, list.delivered_by as listedBy, entry.file_id as fileId, file.path as filePath, entry.path,
  entry.line, entry.algorithms, entry.algorithm, entry.value, entry.size_bytes as sizeBytes, entry.notes,
  entry.match_notes as matchNotes, entry.verdict, entry.computed_at as computedAt, read.creator,
  (select value from asset_checksums where asset_id = file.asset_id and source = 'computed' and algorithm = entry.algorithm) as found`;

const rank = (verdict: SQL) =>
  sql`case ${verdict} when 'differs' then 0 when 'missing' then 1 when 'match' then 2 when 'pending' then 3 else 4 end`;

function decisiveEntries(db: Reader, fileIds: readonly string[]): Row[] {
  return db.all<Row>(sql`
    select * from (
      select ${columns}, row_number() over (partition by entry.file_id order by ${rank(sql`entry.verdict`)}, entry.number) as place
      from json_each(${JSON.stringify(fileIds)}) as wanted
      cross join manifest_entries as entry on entry.file_id = wanted.value and entry.verdict <> 'superseded'
      join delivered_files as file on file.id = entry.file_id
      join delivered_files as list on list.id = entry.list_id and list.removed_at is null
      join manifests as read on read.file_id = list.id
    ) where place = 1`);
}

type Left = Pick<Row, 'listId' | 'listPath' | 'listedBy'> & { fileId: string; pattern: string };

function ignoredAmong(db: Reader, fileIds: readonly string[]): Map<string, Left> {
  const rows = db.all<Left>(sql`
    select ignored.file_id as fileId, ignored.pattern, list.id as listId, list.path as listPath,
      list.delivered_by as listedBy
    from json_each(${JSON.stringify(fileIds)}) as wanted
    cross join ignored_files as ignored on ignored.file_id = wanted.value
    join delivered_files as list on list.id = ignored.list_id and list.removed_at is null`);
  return new Map(rows.map((row) => [row.fileId, row]));
}

function unnamedFiles(
  db: Reader,
  requestId: string,
  deliveredBy: string | null,
  offset: number,
  limit: number,
): ManifestEntryView[] {
  const own = deliveredBy === null ? undefined : eq(deliveredFiles.deliveredBy, deliveredBy);
  return db
    .select({ id: deliveredFiles.id, path: deliveredFiles.path })
    .from(deliveredFiles)
    .where(
      and(
        eq(deliveredFiles.requestId, requestId),
        isNull(deliveredFiles.removedAt),
        own,
        eq(deliveredFiles.isManifest, false),
        sql`not ${isNamedInList}`,
      ),
    )
    .orderBy(deliveredFiles.pathKey)
    .offset(offset)
    .limit(limit)
    .all()
    .filter(({ path }) => !isSystemLitter(path))
    .map((file) => ({
      verdict: 'extra',
      path: file.path,
      file,
      list: null,
      line: null,
      algorithm: null,
      expected: null,
      found: null,
      expectedBytes: null,
      computedAt: null,
      notes: [],
      reason: reasonFor('extra'),
    }));
}

function hasLists(db: Reader, request: DeliveryRequest): boolean {
  return request.manifestCount > 0 && Boolean(comparisonOf(db, request.id)?.counts);
}

function countNamed(db: Reader, requestId: string, wanted: SQL, theirs: SQL): number {
  return db.get<{ entries: number }>(sql`
    select count(*) as entries from manifests as read
    join delivered_files as list on list.id = read.file_id and list.removed_at is null
    cross join manifest_entries as entry on entry.list_id = read.file_id
    left join delivered_files as file on file.id = entry.file_id
    where read.request_id = ${requestId} and entry.match_notes <> 'the_list_itself' ${wanted} ${theirs}`)
    .entries;
}

/** Counts for roles that see only their own files. Missing files count only for the person's own lists. */
function ownCounts(db: Reader, deliveredBy: string, requestId: string): ManifestCounts {
  const rows = db.all<{ verdict: FileVerdict; files: number }>(sql`
    select verdict, count(*) as files from (
      select case min(case when entry.verdict is null then 9 else ${rank(sql`entry.verdict`)} end) when 0 then 'differs' when 2 then 'match' when 3 then 'pending'
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

function notesOf({ notes, matchNotes }: Pick<Row, 'notes' | 'matchNotes'>): string[] {
  return [...new Set(`${notes} ${matchNotes}`.split(' '))].filter(Boolean);
}

function firstOf(algorithms: string): ChecksumAlgorithm | null {
  return (algorithms.split(' ')[0] || null) as ChecksumAlgorithm | null;
}
