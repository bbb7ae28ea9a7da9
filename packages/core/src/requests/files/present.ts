/** The present contents of a request, as far as a person may see them. */
import { and, count, eq, isNull, sum } from 'drizzle-orm';
import { assets } from '@turnover/db/schema/assets';
import { deliveredFiles } from '@turnover/db/schema/requests';
import { seesOwnFilesOnly, type DeliveryRequest } from '../../access.ts';
import type { PersonContext } from '../../context.ts';

const namesListed = 20;

export function presentSummary(
  { db, person }: PersonContext,
  { id, projectId }: DeliveryRequest,
): { files: number; sizeBytes: number; names: string[] } {
  const visible = and(
    eq(deliveredFiles.requestId, id),
    isNull(deliveredFiles.removedAt),
    seesOwnFilesOnly(db, person, projectId) ? eq(deliveredFiles.deliveredBy, person.id) : undefined,
  );
  const totals = db
    .select({ files: count(), sizeBytes: sum(assets.sizeBytes).mapWith(Number) })
    .from(deliveredFiles)
    .innerJoin(assets, eq(assets.id, deliveredFiles.assetId))
    .where(visible)
    .get()!;
  const names = db
    .select({ path: deliveredFiles.path })
    .from(deliveredFiles)
    .where(visible)
    .orderBy(deliveredFiles.pathKey)
    .limit(namesListed)
    .all();
  return { files: totals.files, sizeBytes: totals.sizeBytes ?? 0, names: names.map(({ path }) => path) };
}
