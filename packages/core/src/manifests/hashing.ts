/** Computes checksums that the lists need and that were not computed while the files arrived. */
import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { deliveredFiles, requests } from '@turnover/db/schema/requests';
import type { ChecksumAlgorithm } from '@turnover/domain/media/checksums';
import { insertComputed, type FoundHashes, type WantedHash } from '../assets/checksums.ts';
import type { Context } from '../context.ts';
import { inList } from '../in-list.ts';
import { complete, reschedule, underLease, type Job } from '../jobs.ts';
import { considerComparison } from './queue.ts';

export type ManifestHashJob = Extract<Job, { kind: 'hashForManifests' }>;

/** The most files of one job that may fail. More point to a failing disk; the next change of the files tries again. */
export const maxFailed = 1000;

/** The first files whose check waits for a missing checksum, except those in `failed`. */
export function nextToHash(
  db: Reader,
  requestId: string,
  limit: number,
  failed: readonly string[] = [],
): WantedHash[] {
  const rows = db.all<{ assetId: string; sizeBytes: number; algorithm: ChecksumAlgorithm }>(sql`
    select distinct asset.id as assetId, asset.size_bytes as sizeBytes, other.algorithm
    from (
      select distinct file.asset_id as id from manifests as list
      cross join manifest_entries as entry on entry.list_id = list.file_id and entry.verdict = 'pending'
      join delivered_files as file on file.id = entry.file_id
      join assets as asset on asset.id = file.asset_id and asset.state = 'stored'
      where list.request_id = ${requestId} and entry.algorithm is not null and file.removed_at is null
        and file.asset_id not in (select value from json_each(${JSON.stringify(failed)}))
        and not exists (select 1 from asset_checksums as known where known.asset_id = asset.id
          and known.algorithm = entry.algorithm and known.source = 'computed')
      limit ${limit}
    ) as next
    join assets as asset on asset.id = next.id
    join delivered_files as file on file.asset_id = asset.id and file.request_id = ${requestId}
    join manifest_entries as other on other.file_id = file.id and other.verdict = 'pending' and other.algorithm is not null`);
  const byAsset = Map.groupBy(rows, ({ assetId }) => assetId);
  return [...byAsset].map(([assetId, found]) => ({
    assetId,
    sizeBytes: found[0]!.sizeBytes,
    algorithms: found.map(({ algorithm }) => algorithm),
  }));
}

/**
 * Records computed checksums and queues comparisons for all requests that waited for them. While more files need checksums,
 * the job continues behind other jobs. A file that cannot be read is not tried again and delays no other file.
 */
export function recordComputed(ctx: Context, job: ManifestHashJob, found: readonly FoundHashes[]): void {
  underLease(ctx.db, job, (tx) => {
    insertComputed(tx, ctx.clock(), found);
    const isRead = ({ values }: FoundHashes) => Object.keys(values).length > 0;
    const assetIds = found.filter(isRead).map(({ assetId }) => assetId);
    const waiting = tx
      .selectDistinct({ id: requests.id, manifestCount: requests.manifestCount })
      .from(deliveredFiles)
      .innerJoin(requests, eq(requests.id, deliveredFiles.requestId))
      .where(and(inList(deliveredFiles.assetId, assetIds), isNull(deliveredFiles.removedAt)))
      .all();
    for (const request of waiting) considerComparison(tx, ctx, request);
    const { requestId } = job.payload;
    const unread = found.filter((each) => !isRead(each)).map(({ assetId }) => assetId);
    const failed = [...job.payload.failed, ...unread];
    if (failed.length <= maxFailed && nextToHash(tx, requestId, 1, failed).length > 0)
      reschedule(tx, job, ctx.clock(), { requestId, failed });
    else complete(tx, ctx, job);
  });
}
