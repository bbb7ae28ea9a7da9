/** The state of comparing a request's checksum lists. */
import { and, eq } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { manifestComparisons, manifestEntries } from '@turnover/db/schema/manifests';
import type { ChecksumAlgorithm } from '@turnover/domain/media/checksums';
import type { DeliveredFile, DeliveryRequest } from '../access.ts';
import { inList } from '../in-list.ts';

export function comparisonOf(db: Reader, requestId: string) {
  return db.select().from(manifestComparisons).where(eq(manifestComparisons.requestId, requestId)).get();
}

/** True while a submit that demands a list must wait for the comparison. */
export function isComparing(
  db: Reader,
  { id, manifestCount }: Pick<DeliveryRequest, 'id' | 'manifestCount'>,
): boolean {
  if (manifestCount === 0) return false;
  const known = comparisonOf(db, id);
  return known !== undefined && known.done < known.wanted;
}

/** The algorithms that the request's lists use. The hub computes them while a file arrives. */
export function algorithmsAskedFor(db: Reader, requestId: string | null): readonly ChecksumAlgorithm[] {
  return requestId === null ? [] : (comparisonOf(db, requestId)?.algorithms ?? []);
}

/**
 * True when these files may be replaced in a request with checksum lists: each is a list itself, or differs from its list
 * entry. A file that matches its list must not be replaced.
 */
export function areCorrectable(
  db: Reader,
  files: readonly Pick<DeliveredFile, 'id' | 'isManifest'>[],
): boolean {
  const described = files.filter(({ isManifest }) => !isManifest).map(({ id }) => id);
  if (described.length === 0) return files.length > 0;
  const differing = db
    .selectDistinct({ id: manifestEntries.fileId })
    .from(manifestEntries)
    .where(and(inList(manifestEntries.fileId, described), eq(manifestEntries.verdict, 'differs')))
    .all();
  return differing.length === described.length;
}
