/** How far the checksum lists of a request are compared. */
import { and, eq } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { manifestComparisons, manifestEntries } from '@turnover/db/schema/manifests';
import type { ChecksumAlgorithm } from '@turnover/domain/media/checksums';
import type { DeliveredFile, DeliveryRequest } from '../access.ts';
import { inList } from '../in-list.ts';

export function comparisonOf(db: Reader, requestId: string) {
  return db.select().from(manifestComparisons).where(eq(manifestComparisons.requestId, requestId)).get();
}

/** Whether a submit that demands a list has to wait for one to be read. */
export function isComparing(
  db: Reader,
  { id, manifestCount }: Pick<DeliveryRequest, 'id' | 'manifestCount'>,
): boolean {
  if (manifestCount === 0) return false;
  const known = comparisonOf(db, id);
  return known !== undefined && known.done < known.wanted;
}

/** What the lists of its request ask for: computed while the file lands. */
export function algorithmsAskedFor(db: Reader, requestId: string | null): readonly ChecksumAlgorithm[] {
  return requestId === null ? [] : (comparisonOf(db, requestId)?.algorithms ?? []);
}

/**
 * Whether other bytes may take the place of these files in a request with a checksum: of lists, and of files that differ from
 * what a list says. What is right stays as it is, for the list describes it.
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
