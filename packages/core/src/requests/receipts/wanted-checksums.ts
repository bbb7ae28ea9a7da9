/**
 * Computes further checksums of a submitted round on request, for lists of other tools. Every file already has one. A job
 * computes all missing checksums of a file in one read.
 */
import { and, gte, lt, sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { jobs } from '@turnover/db/schema/jobs';
import { inTransaction } from '@turnover/db/transaction';
import type { ChecksumAlgorithm } from '@turnover/domain/media/checksums';
import { jobs as definitions } from '@turnover/domain/server/jobs';
import type { DeliveryRequest } from '../../access.ts';
import { insertComputed, type FoundHashes, type WantedHash } from '../../assets/checksums.ts';
import type { Context, PersonContext } from '../../context.ts';
import { appendEvent } from '../../events.ts';
import { complete, enqueue, isLiveJob, reschedule, underLease, type Job } from '../../jobs.ts';
import { inRound } from '../files/round-scope.ts';
import { currentRequest } from '../transitions.ts';
import { hasChecksums } from './lists.ts';
import { loadSubmittedRound, type SubmittedRound } from './round-files.ts';

export type RoundHashJob = Extract<Job, { kind: 'hashRound' }>;
type WantedOfRound = WantedHash & { pathKey: string };
type RoundKey = Pick<SubmittedRound, 'requestId' | 'number'>;

/** Queues the missing checksums. Skips those that are known or already queued. Returns the algorithms that are being computed. */
export function computeChecksums(
  ctx: PersonContext,
  request: DeliveryRequest,
  { number, algorithms }: { number: number; algorithms: readonly ChecksumAlgorithm[] },
): ChecksumAlgorithm[] {
  return inTransaction(ctx.db, (tx) => {
    const round = loadSubmittedRound(tx, request, number);
    const running = computingOf(tx, round);
    const missing = [...new Set(algorithms)]
      .filter((algorithm) => !running.includes(algorithm) && !hasChecksums(tx, round, [algorithm]))
      .sort();
    if (missing.length === 0) return running;
    const payload = { requestId: request.id, round: number, algorithms: missing, after: '' };
    enqueue(tx, ctx, 'hashRound', payload, { dedupeKey: `${keyOf(round)}${missing.join(' ')}` });
    appendEvent(tx, ctx.clock, {
      kind: 'manifest.changed',
      projectId: request.projectId,
      requestId: request.id,
    });
    return computingOf(tx, round);
  });
}

/** The algorithms that are being computed for the files of this round, sorted. */
export function computingOf(db: Reader, round: RoundKey): ChecksumAlgorithm[] {
  const key = keyOf(round);
  const rows = db
    .select({ payload: jobs.payload })
    .from(jobs)
    .where(and(gte(jobs.dedupeKey, key), lt(jobs.dedupeKey, `${key}~`), isLiveJob))
    .all();
  const found = rows.flatMap(({ payload }) => definitions.hashRound.payload.parse(payload).algorithms);
  return [...new Set(found)].sort();
}

function keyOf({ requestId, number }: RoundKey): string {
  return `hashRound:${requestId}:${number}:`;
}

/**
 * The files of the next page of the round that lack checksums, sorted by path. Files without stored bytes are left out.
 * `next`: the last path key of this page, after which the next page begins; null when this page is the last.
 */
export function nextOfRound(
  db: Reader,
  { payload }: RoundHashJob,
  pageSize: number,
): { files: WantedOfRound[]; next: string | null } {
  const { requestId, round, algorithms, after } = payload;
  const rows = db.all<Omit<WantedOfRound, 'algorithms'> & { missing: string }>(sql`
    select file.path_key as pathKey, asset.id as assetId, asset.size_bytes as sizeBytes,
      (select json_group_array(wanted.value) from json_each(${JSON.stringify(algorithms)}) as wanted
        where not exists (select 1 from asset_checksums as known where known.asset_id = asset.id
          and known.source = 'computed' and known.algorithm = wanted.value)) as missing
    from delivered_files as file join assets as asset on asset.id = file.asset_id and asset.state = 'stored'
    where file.request_id = ${requestId} and ${inRound(round)} and file.path_key > ${after}
    order by file.path_key limit ${pageSize}`);
  const files = rows.map(({ missing, ...file }) => ({
    ...file,
    algorithms: JSON.parse(missing) as ChecksumAlgorithm[],
  }));
  return {
    files: files.filter((file) => file.algorithms.length > 0),
    next: rows.length < pageSize ? null : rows.at(-1)!.pathKey,
  };
}

/** Stores computed checksums. `next`: the path key after which the job continues, behind other jobs; null completes the job. */
export function recordOfRound(
  ctx: Context,
  job: RoundHashJob,
  found: readonly FoundHashes[],
  next: string | null,
): void {
  underLease(ctx.db, job, (tx) => {
    insertComputed(tx, ctx.clock(), found);
    if (next !== null) return reschedule(tx, job, ctx.clock(), { ...job.payload, after: next });
    complete(tx, ctx, job);
    const isFirstTurn = job.payload.after === '';
    if (isFirstTurn && found.length === 0) return;
    const { id: requestId, projectId } = currentRequest(tx, job.payload.requestId);
    appendEvent(tx, ctx.clock, { kind: 'manifest.changed', projectId, requestId });
  });
}
