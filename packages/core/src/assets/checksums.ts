/** Checksums of assets. */
import { asc } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { assetChecksums } from '@turnover/db/schema/assets';
import type { ChecksumView } from '@turnover/domain/media/checksums';
import { inList } from '../in-list.ts';

/** By asset id, sorted by algorithm; computed values come before declared ones. */
export function checksumsOf(db: Reader, assetIds: readonly string[]): Map<string, ChecksumView[]> {
  const found = new Map<string, ChecksumView[]>();
  if (assetIds.length === 0) return found;
  const rows = db
    .select()
    .from(assetChecksums)
    .where(inList(assetChecksums.assetId, assetIds))
    .orderBy(asc(assetChecksums.assetId), asc(assetChecksums.algorithm), asc(assetChecksums.source))
    .all();
  for (const { assetId, algorithm, value, source, at } of rows) {
    found.set(assetId, [...(found.get(assetId) ?? []), { algorithm, value, source, at }]);
  }
  return found;
}
