/**
 * Compares the checksum lists of a request with its files, in the worker. Reads each list once, and matches and
 * checks it again after each change that may matter. After a comparison the next one waits nine times as long as it
 * took, so that 75,000 files that arrive one by one do not cause 75,000 comparisons.
 */
import { and, asc, eq, gt, isNull, lt, notInArray, sql } from 'drizzle-orm';
import type { Database, Reader, Transaction } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { assetChecksums, assets } from '@turnover/db/schema/assets';
import { manifestComparisons, manifestEntries, manifests } from '@turnover/db/schema/manifests';
import { deliveredFiles, requests } from '@turnover/db/schema/requests';
import type { ChecksumAlgorithm } from '@turnover/domain/media/checksums';
import { isSystemLitter } from '@turnover/domain/workspace/litter';
import type { EntryNote } from '@turnover/domain/manifests/manifest';
import { FileIndex, matchEntries, type Matched } from '@turnover/domain/manifests/matching';
import { noCounts, type ManifestCounts } from '@turnover/domain/manifests/summary';
import {
  checkEntry,
  notesOfEntries,
  verdictOfFile,
  type CheckedFile,
  type EntryVerdict,
} from '@turnover/domain/manifests/verdicts';
import { queueSubmitCheck } from '../requests/submit-trigger.ts';
import { inTurns, turns, turnsOf } from '../batches.ts';
import type { DeliveryRequest } from '../access.ts';
import type { Context } from '../context.ts';
import { appendEvent } from '../events.ts';
import { comparisonOf } from './state.ts';
import { complete, enqueue, reschedule, underLease, type Job } from '../jobs.ts';

export type ComparisonJob = Extract<Job, { kind: 'compareManifests' }>;
export type ManifestHashJob = Extract<Job, { kind: 'hashForManifests' }>;

/** A list as a thread read it. The entries are pieces of JSON, which go into the database unchanged. */
export type ReadList = {
  kind: 'list' | 'unsupported' | 'unreadable';
  what: string;
  notes: string[];
  entries: number;
  unread: number;
  /** Each piece is an array of `[path, algorithms, value, sizeBytes, line, notes]`. */
  pieces: string[];
};
export type UnreadList = { id: string; path: string; pathKey: string; assetId: string; sizeBytes: number };

const filesPerPage = 500;
const rowsPerBatch = 500;
/** A comparison takes at most a tenth of the time. */
const restRatio = 9;
const longestRestMs = 60_000;
/** At most this many algorithms are computed while a file arrives. */
const maxWhileLanding = 3;
const maxOfOneFile = 32;
const ambiguous: Matched = { fileId: null, notes: ['ambiguous'] };

/** Queues a comparison of the request's lists. Call it after any change to its files or their checksums. */
export function considerComparison(
  tx: Transaction,
  ctx: Pick<Context, 'clock' | 'newId'>,
  { id: requestId, manifestCount }: Pick<DeliveryRequest, 'id' | 'manifestCount'>,
): void {
  const known = comparisonOf(tx, requestId);
  if (manifestCount === 0 && !known) return;
  tx.insert(manifestComparisons)
    .values({ requestId, wanted: 1, done: 0, lists: 0, algorithms: [], nextAt: 0 })
    .onConflictDoUpdate({
      target: manifestComparisons.requestId,
      set: { wanted: sql`${manifestComparisons.wanted} + 1` },
    })
    .run();
  const runAt = Math.max(ctx.clock(), known?.nextAt ?? 0);
  enqueue(tx, ctx, 'compareManifests', { requestId }, { runAt, dedupeKey: `compare:${requestId}` });
}

/**
 * Queues comparisons for requests whose lists are older than this feature. Returns how many; call it until it returns
 * 0.
 */
export function compareOldLists(ctx: Context, limit = 200): number {
  return inTransaction(ctx.db, (tx) => {
    const old = tx
      .select({ id: requests.id, manifestCount: requests.manifestCount })
      .from(requests)
      .leftJoin(manifestComparisons, eq(manifestComparisons.requestId, requests.id))
      .where(and(gt(requests.manifestCount, 0), isNull(manifestComparisons.requestId)))
      .limit(limit)
      .all();
    for (const request of old) considerComparison(tx, ctx, request);
    return old.length;
  });
}

const listsPerPage = 200;

/**
 * Lists that are not read yet, by path, after the path key `after`. Returns only a few, because there may be one for
 * each of 75,000 frames.
 */
export function nextUnreadLists(db: Reader, requestId: string, after = ''): UnreadList[] {
  const { id, path, pathKey } = deliveredFiles;
  return db
    .select({ id, path, pathKey, assetId: assets.id, sizeBytes: assets.sizeBytes })
    .from(deliveredFiles)
    .innerJoin(assets, eq(assets.id, deliveredFiles.assetId))
    .leftJoin(manifests, eq(manifests.fileId, deliveredFiles.id))
    .where(
      and(
        ...[eq(deliveredFiles.requestId, requestId), isNull(deliveredFiles.removedAt), gt(pathKey, after)],
        ...[eq(deliveredFiles.isManifest, true), eq(assets.state, 'stored'), isNull(manifests.fileId)],
      ),
    )
    .orderBy(asc(pathKey))
    .limit(listsPerPage)
    .all();
}

/** Stores the entries piece by piece. The list counts as read after the last piece. Safe to repeat. */
export async function recordList(
  ctx: Context,
  job: ComparisonJob,
  { id }: Pick<UnreadList, 'id'>,
  { pieces, ...read }: ReadList,
): Promise<void> {
  let number = 0;
  await inTurns(pieces, (piece) => {
    number += underLease(ctx.db, job, (tx) => insertPiece(tx, id, number, piece));
  });
  underLease(ctx.db, job, (tx) => {
    const values = { fileId: id, requestId: job.payload.requestId, ...read, readAt: ctx.clock() };
    tx.insert(manifests).values(values).onConflictDoNothing().run();
  });
}

/** Returns the number of entries in the piece, whether they were inserted now or before. */
function insertPiece(tx: Transaction, listId: string, first: number, piece: string): number {
  tx.run(sql`
    insert into manifest_entries (list_id, number, path, algorithms, value, size_bytes, line, notes)
    select ${listId}, ${first} + key, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5
    from json_each(${piece}) where true on conflict do nothing`);
  return tx.get<{ entries: number }>(sql`select json_array_length(${piece}) as entries`).entries;
}

type ComparedFile = CheckedFile & {
  id: string;
  path: string;
  isManifest: boolean;
  deliveredBy: string;
  verdicts: EntryVerdict[];
};
type EntryRow = typeof manifestEntries.$inferSelect;
type Change = [
  number: number,
  fileId: string | null,
  verdict: EntryVerdict,
  algorithm: string | null,
  notes: string,
];

/** Compares all lists of the request with all its files. Changes that come meanwhile cause another comparison. */
export async function compareLists(ctx: Context, job: ComparisonJob): Promise<void> {
  const { requestId } = job.payload;
  const began = performance.now();
  const wanted = comparisonOf(ctx.db, requestId)?.wanted ?? 0;
  await forgetRemoved(ctx, job);
  const files = await filesOf(ctx.db, requestId);
  const byId = new Map(files.map((file) => [file.id, file]));
  const index = await turnsOf(FileIndex.of(files));
  const lists = ctx.db
    .select({ id: manifests.fileId })
    .from(manifests)
    .where(and(eq(manifests.requestId, requestId), eq(manifests.kind, 'list')))
    .all()
    .flatMap(({ id }) => byId.get(id) ?? []);
  const counts: ManifestCounts = { ...noCounts };
  const firstAlgorithms = new Map<ChecksumAlgorithm, number>();
  const pause = turns();
  let changed = 0;
  for (const list of lists) {
    await pause();
    const entries = await entriesOf(ctx.db, list.id);
    const matched = await turnsOf(
      matchEntries(
        list,
        entries.map(({ path }) => path),
        index,
      ),
    );
    const compared = await compareList(entries, matched, byId, firstAlgorithms);
    counts.missing += compared.missing;
    changed += compared.changes.length;
    await write(ctx, job, list.id, compared.changes);
  }
  await inTurns(files, ({ verdicts, isManifest, path }) => {
    if (verdicts.length > 0) counts[verdictOfFile(verdicts)] += 1;
    else if (!isManifest && !isSystemLitter(path)) counts.extra += 1;
  });
  const algorithms = [...firstAlgorithms].toSorted(([, one], [, other]) => other - one).map(([name]) => name);
  const tookMs = performance.now() - began;
  underLease(ctx.db, job, (tx) =>
    finish(tx, ctx, job, {
      wanted,
      lists: lists.length,
      listedBy: lists[0]?.deliveredBy ?? null,
      counts: lists.length > 0 ? counts : null,
      tookMs,
      algorithms: algorithms.slice(0, maxWhileLanding),
      changed,
    }),
  );
}

type Finished = {
  wanted: number;
  lists: number;
  /** Who delivered the first list; null without a list. */
  listedBy: string | null;
  counts: ManifestCounts | null;
  algorithms: ChecksumAlgorithm[];
  changed: number;
  tookMs: number;
};

function finish(
  tx: Transaction,
  ctx: Context,
  job: ComparisonJob,
  { wanted, lists, listedBy, counts, algorithms, changed, tookMs }: Finished,
): void {
  const { requestId } = job.payload;
  const before = comparisonOf(tx, requestId);
  const request = tx.select().from(requests).where(eq(requests.id, requestId)).get();
  if (!before || !request) return complete(tx, ctx, job);
  const now = ctx.clock();
  const nextAt = now + Math.min(longestRestMs, Math.round(tookMs * restRatio));
  const countsJson = JSON.stringify(counts);
  const isSettled = counts !== null && counts.pending === 0 && before.wanted === wanted;
  const isNews = isSettled && countsJson !== before.told;
  tx.update(manifestComparisons)
    .set({
      done: wanted,
      lists,
      counts,
      algorithms,
      comparedAt: now,
      nextAt,
      ...((isNews || counts === null) && { told: counts === null ? null : countsJson }),
    })
    .where(eq(manifestComparisons.requestId, requestId))
    .run();
  const { projectId } = request;
  if (isNews) {
    appendEvent(tx, ctx.clock, {
      kind: 'manifest.compared',
      projectId,
      requestId,
      // Roles that see only their own files learn only of the comparison with their own list.
      deliveredBy: listedBy,
      data: { lists, ...counts },
    });
  }
  if (isNews || changed > 0 || JSON.stringify(before.counts) !== countsJson || before.done !== wanted) {
    appendEvent(tx, ctx.clock, { kind: 'manifest.changed', projectId, requestId });
  }
  if (counts !== null && counts.pending > 0 && nextToHash(tx, requestId)) {
    enqueue(tx, ctx, 'hashForManifests', { requestId }, { dedupeKey: `hash:${requestId}` });
  }
  if (before.wanted !== wanted) return reschedule(tx, job, nextAt);
  complete(tx, ctx, job);
  queueSubmitCheck(tx, ctx, request);
}

/** Gives up comparing after repeated failures. Submits no longer wait for the lists, and no unread list counts. */
export function giveUpComparing(
  tx: Transaction,
  ctx: Context,
  { payload: { requestId } }: ComparisonJob,
): void {
  const request = tx.select().from(requests).where(eq(requests.id, requestId)).get();
  for (const list of nextUnreadLists(tx, requestId)) {
    const nothing = { kind: 'unreadable', what: '', notes: [], entries: 0, unread: 0 } as const;
    tx.insert(manifests)
      .values({ fileId: list.id, requestId, ...nothing, notes: [], readAt: ctx.clock() })
      .run();
  }
  tx.update(manifestComparisons)
    .set({ done: sql`${manifestComparisons.wanted}` })
    .where(eq(manifestComparisons.requestId, requestId))
    .run();
  if (request) {
    appendEvent(tx, ctx.clock, { kind: 'manifest.changed', projectId: request.projectId, requestId });
  }
}

export type HashWork = { assetId: string; sizeBytes: number; algorithms: ChecksumAlgorithm[] };

/** A file whose check waits for checksums that nobody has computed yet, or null. */
export function nextToHash(db: Reader, requestId: string): HashWork | null {
  const rows = db.all<{ assetId: string; sizeBytes: number; algorithm: ChecksumAlgorithm }>(sql`
    select distinct asset.id as assetId, asset.size_bytes as sizeBytes, other.algorithm
    from (
      select file.asset_id as id from manifests as list
      cross join manifest_entries as entry on entry.list_id = list.file_id and entry.verdict = 'pending'
      join delivered_files as file on file.id = entry.file_id
      join assets as asset on asset.id = file.asset_id and asset.state = 'stored'
      where list.request_id = ${requestId} and entry.algorithm is not null and file.removed_at is null
        and not exists (select 1 from asset_checksums as known where known.asset_id = asset.id
          and known.algorithm = entry.algorithm and known.source = 'computed')
      limit 1
    ) as next
    join assets as asset on asset.id = next.id
    join delivered_files as file on file.asset_id = asset.id and file.request_id = ${requestId}
    join manifest_entries as other on other.file_id = file.id and other.verdict = 'pending' and other.algorithm is not null`);
  const [first] = rows;
  if (!first) return null;
  const { assetId, sizeBytes } = first;
  return { assetId, sizeBytes, algorithms: rows.map(({ algorithm }) => algorithm) };
}

/**
 * Records checksums that were computed from stored bytes, and queues comparisons for all requests that waited for
 * them.
 */
export function recordComputed(
  ctx: Context,
  job: ManifestHashJob,
  assetId: string,
  values: Partial<Record<ChecksumAlgorithm, string>>,
): void {
  underLease(ctx.db, job, (tx) => {
    const rows = Object.entries(values).map(([algorithm, value]) => ({
      assetId,
      value,
      at: ctx.clock(),
      algorithm: algorithm as ChecksumAlgorithm,
      source: 'computed' as const,
    }));
    tx.insert(assetChecksums).values(rows).onConflictDoNothing().run();
    const where = and(eq(deliveredFiles.assetId, assetId), isNull(deliveredFiles.removedAt));
    const found = tx
      .selectDistinct({ id: requests.id, manifestCount: requests.manifestCount })
      .from(deliveredFiles)
      .innerJoin(requests, eq(requests.id, deliveredFiles.requestId))
      .where(where)
      .all();
    for (const request of found) considerComparison(tx, ctx, request);
  });
}

/** Ends the job, or puts it behind the others when more files need hashes. */
export function endHashing(ctx: Context, job: ManifestHashJob): void {
  underLease(ctx.db, job, (tx) => {
    if (nextToHash(tx, job.payload.requestId)) reschedule(tx, job, ctx.clock());
    else complete(tx, ctx, job);
  });
}

/** Deletes the entries of lists that were removed from the request, batch by batch. */
async function forgetRemoved(ctx: Context, job: ComparisonJob): Promise<void> {
  const { requestId } = job.payload;
  const present = ctx.db
    .select({ id: deliveredFiles.id })
    .from(deliveredFiles)
    .where(
      and(
        ...[eq(deliveredFiles.requestId, requestId), isNull(deliveredFiles.removedAt)],
        eq(deliveredFiles.isManifest, true),
      ),
    );
  const removed = ctx.db
    .select({ id: manifests.fileId })
    .from(manifests)
    .where(and(eq(manifests.requestId, requestId), notInArray(manifests.fileId, present)))
    .all();
  for (const { id } of removed) {
    const last = ctx.db
      .select({ last: sql<number>`coalesce(max(${manifestEntries.number}), -1)` })
      .from(manifestEntries)
      .where(eq(manifestEntries.listId, id))
      .get()!.last;
    const starts = Array.from({ length: Math.ceil((last + 1) / rowsPerBatch) }, (_, at) => at * rowsPerBatch);
    await inTurns(starts, (start) => {
      underLease(ctx.db, job, (tx) => {
        const batch = lt(manifestEntries.number, start + rowsPerBatch);
        tx.delete(manifestEntries)
          .where(and(eq(manifestEntries.listId, id), batch))
          .run();
      });
    });
    underLease(ctx.db, job, (tx) => {
      tx.delete(manifests).where(eq(manifests.fileId, id)).run();
    });
  }
}

async function filesOf(db: Database, requestId: string): Promise<ComparedFile[]> {
  const files: ComparedFile[] = [];
  await inTurns(pagesOf(db, requestId), (page) => files.push(...page));
  return files;
}

function* pagesOf(db: Database, requestId: string): Iterable<ComparedFile[]> {
  const { id, path, pathKey, isManifest, deliveredBy } = deliveredFiles;
  for (let after = ''; ;) {
    const rows = db
      .select({
        id,
        path,
        pathKey,
        isManifest,
        deliveredBy,
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
    }));
    const last = rows.at(-1);
    if (!last || rows.length < filesPerPage) return;
    after = last.pathKey;
  }
}

async function entriesOf(db: Database, listId: string): Promise<EntryRow[]> {
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

/** Checks each entry and returns those whose stored verdict changes, with the number of paths that match no file. */
async function compareList(
  entries: readonly EntryRow[],
  matched: ReadonlyMap<string, Matched>,
  files: ReadonlyMap<string, ComparedFile>,
  firstAlgorithms: Map<ChecksumAlgorithm, number>,
): Promise<{ changes: Change[]; missing: number }> {
  const changes: Change[] = [];
  const missing = new Set<string>();
  /** Entries beyond this number for one file are not compared at all. */
  const tooMany = new Set<number>();
  const ofFile = new Map<string, EntryRow[]>();
  for (const entry of entries) {
    const { fileId } = matched.get(entry.path)!;
    if (fileId === null) continue;
    const known = ofFile.get(fileId);
    if (known) known.push(entry);
    else ofFile.set(fileId, [entry]);
  }
  const repeats = new Map<string, string[]>();
  await inTurns(ofFile, ([fileId, same]) => {
    repeats.set(fileId, same.length > 1 ? notesOfEntries(same.slice(0, maxOfOneFile).map(asEntry)) : []);
    for (const { number } of same.slice(maxOfOneFile)) tooMany.add(number);
  });
  await inTurns(entries, (entry) => {
    const met = matched.get(entry.path)!;
    const { fileId, notes } = tooMany.has(entry.number) ? ambiguous : met;
    const file = fileId === null ? null : files.get(fileId)!;
    const algorithms = entry.algorithms === '' ? [] : (entry.algorithms.split(' ') as ChecksumAlgorithm[]);
    const [first] = algorithms;
    if (first) firstAlgorithms.set(first, (firstAlgorithms.get(first) ?? 0) + 1);
    const checked = checkEntry({ ...entry, algorithms }, file);
    file?.verdicts.push(checked.verdict);
    if (!file && !notes.includes('the_list_itself')) missing.add(entry.path);
    const matchNotes = [...notes, ...checked.notes, ...((fileId && repeats.get(fileId)) || [])].join(' ');
    const algorithm = checked.algorithm ?? checked.wants;
    const isKnown =
      entry.fileId === fileId &&
      entry.verdict === checked.verdict &&
      entry.algorithm === algorithm &&
      entry.matchNotes === matchNotes;
    if (!isKnown) changes.push([entry.number, fileId, checked.verdict, algorithm, matchNotes]);
  });
  return { changes, missing: missing.size };
}

function asEntry({ algorithms, notes, ...entry }: EntryRow) {
  return {
    ...entry,
    algorithms: algorithms.split(' ').filter(Boolean) as ChecksumAlgorithm[],
    notes: notes.split(' ').filter(Boolean) as EntryNote[],
  };
}

async function write(
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
      // Updates existing rows, but is written as an insert that conflicts on their key. SQLite plans an update from
      // `json_each` the wrong way round, and would parse the JSON again for every entry.
      tx.run(sql`
        insert into manifest_entries (list_id, number, path, algorithms, value, line, notes, file_id, verdict, algorithm, match_notes)
        select ${listId}, value ->> 0, '', '', '', 0, '', value ->> 1, value ->> 2, value ->> 3, value ->> 4
        from json_each(${JSON.stringify(batch)}) where true
        on conflict (list_id, number) do update set file_id = excluded.file_id, verdict = excluded.verdict,
          algorithm = excluded.algorithm, match_notes = excluded.match_notes`);
    });
  });
}
