/**
 * Compares files that a person wants to send with those that the request holds or held in earlier rounds. Uses only files
 * that the person may see, so that nobody finds out by a checksum what others delivered.
 */
import { and, eq, sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { reasonFindings } from '@turnover/db/schema/reasons';
import type { ChecksumAlgorithm } from '@turnover/domain/media/checksums';
import { nameKey } from '@turnover/domain/names/names';
import type { FileToCompare, KnownFileView } from '@turnover/domain/requests/known-files';
import { seesOwnFilesOnly, type DeliveryRequest } from '../../access.ts';
import type { PersonContext } from '../../context.ts';
import { inList } from '../../in-list.ts';

type Earlier = {
  fileId: string;
  path: string;
  key: string;
  sizeBytes: number;
  addedRound: number;
  removedRound: number | null;
  isThere: number;
  isStored: number;
  /** `xxh128:… md5:…`, as the hub computed them; null before any is computed. */
  checksums: string | null;
};

/** Returns one answer for each file, in the same order. */
export function compareFiles(
  { db, person }: PersonContext,
  request: DeliveryRequest,
  files: readonly FileToCompare[],
): KnownFileView[] {
  const reading: Reading = { db, request, ownOf: ownOf({ db, person }, request) };
  const keys = files.map(({ path }) => nameKey(path));
  const named = Map.groupBy(filesNamed(reading, keys), ({ key }) => key);
  const hits = files.map((file, index) => bestOf(file, named.get(keys[index]!) ?? []));
  // Files without a match by name: the request may have the same bytes under another name.
  const open = files.filter((_file, index) => !hits[index]);
  const elsewhere = Map.groupBy(filesWithBytes(reading, open), ({ sizeBytes }) => sizeBytes);
  const mayBe = (file: FileToCompare, sameName: readonly Earlier[]) =>
    !knows(file, 'xxh128') && !isSettled(file, sameName);
  // Skips files whose size equals that of the file with their name: they are `maybe` anyway. In most redeliveries this saves
  // the comparison with the sizes of all files.
  const unnamed = files.filter((file, index) => {
    const sameName = named.get(keys[index]!) ?? [];
    return !hits[index] && mayBe(file, sameName) && !hasSize(file, sameName);
  });
  const sizes = sizesAmong(
    reading,
    unnamed.map(({ sizeBytes }) => sizeBytes),
  );
  const found = files.map((file, index) => hits[index] ?? bestOf(file, elsewhere.get(file.sizeBytes) ?? []));
  const reasons = reasonsAt(
    db,
    request,
    found.flatMap((hit) => hit?.fileId ?? []),
  );
  return files.map((file, index): KnownFileView => {
    const hit = found[index];
    if (hit) return { is: 'same', earlier: viewEarlier(hit, request, reasons.get(hit.fileId) ?? []) };
    const sameName = named.get(keys[index]!) ?? [];
    if (mayBe(file, sameName) && (hasSize(file, sameName) || sizes.has(file.sizeBytes))) {
      return { is: 'maybe', earlier: null };
    }
    return { is: sameName.length > 0 ? 'changed' : 'new', earlier: null };
  });
}

function hasSize({ sizeBytes }: FileToCompare, earlier: readonly Earlier[]): boolean {
  return earlier.some((each) => each.sizeBytes === sizeBytes);
}

/** Whether the known checksums prove that the file differs from every file with its name. */
function isSettled(file: FileToCompare, sameName: readonly Earlier[]): boolean {
  return (
    sameName.length > 0 &&
    sameName.every(({ checksums }) =>
      file.checksums.some(({ algorithm }) => checksums?.includes(`${algorithm}:`)),
    )
  );
}

function knows({ checksums }: FileToCompare, algorithm: ChecksumAlgorithm): boolean {
  return checksums.some((each) => each.algorithm === algorithm);
}

/** The best of the files with these bytes: a present one, otherwise the one added last. */
function bestOf(file: FileToCompare, candidates: readonly Earlier[]): Earlier | undefined {
  const stated = new Set(file.checksums.map(({ algorithm, value }) => `${algorithm}:${value}`));
  return candidates
    .filter(({ sizeBytes, checksums }) => {
      return sizeBytes === file.sizeBytes && (checksums?.split(' ') ?? []).some((each) => stated.has(each));
    })
    .toSorted((one, other) => other.isThere - one.isThere || other.addedRound - one.addedRound)[0];
}

function viewEarlier(
  { fileId, path, addedRound, removedRound, isThere, isStored }: Earlier,
  { round }: DeliveryRequest,
  reasons: readonly string[],
): KnownFileView['earlier'] {
  const last = (removedRound ?? round) - 1;
  return {
    fileId,
    path,
    round: last >= addedRound ? last : null,
    isThere: isThere === 1,
    reasons: [...reasons],
    canTakeOver: isThere === 0 && isStored === 1,
  };
}

type Reading = { db: Reader; request: DeliveryRequest; ownOf: ReturnType<typeof ownOf> };

function ownOf({ db, person }: Pick<PersonContext, 'db' | 'person'>, { projectId }: DeliveryRequest) {
  return seesOwnFilesOnly(db, person, projectId) ? sql`and file.delivered_by = ${person.id}` : sql``;
}

const columns = sql`
  file.id as fileId, file.path, file.path_key as key, asset.size_bytes as sizeBytes, file.added_round as addedRound,
  file.removed_round as removedRound, file.removed_at is null as isThere,
  file.purged_at is null and asset.state = 'stored' as isStored,
  (select group_concat(algorithm || ':' || value, ' ') from asset_checksums
    where asset_id = file.asset_id and source = 'computed') as checksums`;

/**
 * The files that are present or were part of a submitted round. Leaves out files that were added and removed within one
 * round.
 */
const counts = sql`(file.removed_round is null or file.removed_round > file.added_round)`;

function filesNamed({ db, request, ownOf: own }: Reading, keys: readonly string[]): Earlier[] {
  return db.all<Earlier>(sql`
    select ${columns} from (select distinct value from json_each(${JSON.stringify(keys)})) as wanted
    cross join delivered_files as file on file.request_id = ${request.id} and file.path_key = wanted.value
    join assets as asset on asset.id = file.asset_id
    where ${counts} ${own}`);
}

const maxFound = 2000;

function filesWithBytes({ db, request, ownOf: own }: Reading, files: readonly FileToCompare[]): Earlier[] {
  const values = files.flatMap(({ checksums }) => checksums.map(({ value }) => value));
  if (values.length === 0) return [];
  // The cross joins make SQLite start from the checksum values. Starting from the files would read the whole request.
  return db.all<Earlier>(sql`
    select ${columns} from (
      select distinct own.asset_id from json_each(${JSON.stringify(values)}) as wanted
      cross join asset_checksums as own on own.value = wanted.value and own.source = 'computed'
    ) as same
    cross join delivered_files as file on file.asset_id = same.asset_id and file.request_id = ${request.id}
    join assets as asset on asset.id = file.asset_id
    where ${counts} ${own}
    limit ${maxFound}`);
}

function sizesAmong({ db, request, ownOf: own }: Reading, sizes: readonly number[]): Set<number> {
  if (sizes.length === 0) return new Set();
  const rows = db.all<{ size: number }>(sql`
    select distinct asset.size_bytes as size
    from delivered_files as file join assets as asset on asset.id = file.asset_id
    where file.request_id = ${request.id} and ${counts} ${own}
      and asset.size_bytes in (select value from json_each(${JSON.stringify(sizes)}))`);
  return new Set(rows.map(({ size }) => size));
}

function reasonsAt(db: Reader, { id }: DeliveryRequest, fileIds: readonly string[]): Map<string, string[]> {
  const { fileId, reason, requestId } = reasonFindings;
  const rows = db
    .selectDistinct({ fileId, reason })
    .from(reasonFindings)
    .where(and(eq(requestId, id), inList(fileId, fileIds)))
    .orderBy(reason)
    .all();
  const found = new Map<string, string[]>();
  for (const row of rows) {
    if (row.fileId !== null) found.set(row.fileId, [...(found.get(row.fileId) ?? []), row.reason]);
  }
  return found;
}
