/** Checksums that the lists need and that nobody computed while the files arrived. */
import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { deliveredFiles, requests } from '@turnover/db/schema/requests';
import type { ChecksumAlgorithm } from '@turnover/domain/media/checksums';
import { insertComputed } from '../assets/checksums.ts';
import type { Context } from '../context.ts';
import { complete, reschedule, underLease, type Job } from '../jobs.ts';
import { considerComparison } from './queue.ts';

export type ManifestHashJob = Extract<Job, { kind: 'hashForManifests' }>;
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
    insertComputed(tx, ctx.clock(), [{ assetId, values }]);
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
