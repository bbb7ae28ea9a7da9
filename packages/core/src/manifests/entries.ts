/** Lists the checksum lists of a request, and their entries. */
import { and, count, eq, isNull, sql, type SQL } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { ignoredFiles, manifests } from '@turnover/db/schema/manifests';
import { deliveredFiles } from '@turnover/db/schema/requests';
import { isSystemLitter } from '@turnover/domain/workspace/litter';
import { entryVerdicts, type EntryVerdict } from '@turnover/domain/manifests/verdicts';
import {
  reasonFor,
  type ManifestEntriesInput,
  type ManifestEntryListView,
  type ManifestEntryView,
  type ManifestListView,
} from '@turnover/domain/manifests/views';
import { seesOwnFilesOnly, type DeliveryRequest } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { entryColumns, firstOf, listFor, notesOf, rankOf, type EntryRow } from './entry-rows.ts';
import { comparisonOf } from './state.ts';
import { isNamedInList } from './view.ts';

type Reading = Pick<PersonContext, 'db' | 'person'>;

export function listManifests({ db, person }: Reading, request: DeliveryRequest): ManifestListView {
  const own = seesOwnFilesOnly(db, person, request.projectId)
    ? eq(deliveredFiles.deliveredBy, person.id)
    : undefined;
  const leftOut = leftOutBy(db, request.id, own);
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
    leftOut: (leftOut.get(id) ?? []).map(({ pattern, files }) => ({ pattern, files })),
  }));
}

/** The number of files that each pattern leaves out, by list. */
function leftOutBy(db: Reader, requestId: string, own: SQL | undefined) {
  const { listId, pattern, fileId } = ignoredFiles;
  const rows = db
    .select({ listId, pattern, files: count() })
    .from(ignoredFiles)
    .innerJoin(deliveredFiles, eq(deliveredFiles.id, fileId))
    .where(and(eq(ignoredFiles.requestId, requestId), isNull(deliveredFiles.removedAt), own))
    .groupBy(listId, pattern)
    .orderBy(listId, pattern)
    .all();
  return Map.groupBy(rows, (row) => row.listId);
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
      : db.all<EntryRow & { rank: number }>(sql`
          select ${entryColumns}, ${rankOf(sql`entry.verdict`)} as rank, min(entry.number) as number from manifests as read
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
  { verdict, path, line, filePath }: EntryRow,
  list: ManifestEntryView['list'],
): Pick<ManifestEntryView, 'verdict' | 'path' | 'line' | 'list'> {
  return list ? { verdict, list, path, line } : { verdict, list, path: filePath ?? path, line: null };
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
