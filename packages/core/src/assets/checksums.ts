/** Checksums of assets. */
import { asc } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { assetChecksums } from '@turnover/db/schema/assets';
import type { ChecksumAlgorithm, ChecksumView } from '@turnover/domain/media/checksums';
import { inList } from '../in-list.ts';

/** Keyed by asset id, sorted by algorithm; computed values come before declared ones. */
export function checksumsOf(db: Reader, assetIds: readonly string[]): Map<string, ChecksumView[]> {
  const found = new Map<string, ChecksumView[]>();
  if (assetIds.length === 0) return found;
  const rows = db
    .select()
    .from(assetChecksums)
    .where(inList(assetChecksums.assetId, assetIds))
    .orderBy(asc(assetChecksums.assetId), asc(assetChecksums.algorithm), asc(assetChecksums.source))
    .all();
  for (const { assetId, ...checksum } of rows) {
    found.set(assetId, [...(found.get(assetId) ?? []), checksum]);
  }
  return found;
}

export type WantedHash = { assetId: string; sizeBytes: number; algorithms: ChecksumAlgorithm[] };
/** `values` is empty when the file could not be read. */
export type FoundHashes = { assetId: string; values: Partial<Record<ChecksumAlgorithm, string>> };

/** Stores checksums that the hub computed from a stored file. */
export function insertComputed(tx: Transaction, now: number, found: readonly FoundHashes[]): void {
  const rows = found.flatMap(({ assetId, values }) =>
    Object.entries(values).map(([algorithm, value]) => ({
      assetId,
      value,
      at: now,
      algorithm: algorithm as ChecksumAlgorithm,
      source: 'computed' as const,
      how: 'reading' as const,
    })),
  );
  if (rows.length > 0) tx.insert(assetChecksums).values(rows).onConflictDoNothing().run();
}
