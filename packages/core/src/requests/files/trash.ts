/** The removed files of a request. They can be listed and restored for some days; then the hub frees their bytes. */
import { and, asc, desc, eq, inArray, isNotNull, isNull, lt, lte } from 'drizzle-orm';
import { assets } from '@turnover/db/schema/assets';
import { deliveredFiles, requests } from '@turnover/db/schema/requests';
import { inTransaction } from '@turnover/db/transaction';
import { dayMs } from '@turnover/domain/days';
import type { RemovedFilesListView } from '@turnover/domain/requests/files';
import type { DeliveryRequest } from '../../access.ts';
import { markUnreferenced } from '../../assets/freeing.ts';
import type { Context, PersonContext } from '../../context.ts';
import { viewPeople } from '../../people/person-view.ts';

const batch = 200;

/** Newest first. */
export function listRemovedFiles(
  ctx: PersonContext,
  { id }: Pick<DeliveryRequest, 'id'>,
  { before, limit }: { before?: number | null | undefined; limit: number },
): RemovedFilesListView {
  const rows = ctx.db
    .select({ file: deliveredFiles, asset: assets })
    .from(deliveredFiles)
    .innerJoin(assets, eq(assets.id, deliveredFiles.assetId))
    .where(
      and(
        eq(deliveredFiles.requestId, id),
        isNotNull(deliveredFiles.removedAt),
        isNull(deliveredFiles.purgedAt),
        inArray(deliveredFiles.removal, ['removed', 'cleared', 'replaced']),
        before ? lt(deliveredFiles.removedAt, before) : undefined,
      ),
    )
    .orderBy(desc(deliveredFiles.removedAt), desc(deliveredFiles.id))
    .limit(limit)
    .all();
  const people = viewPeople(
    ctx.db,
    rows.flatMap(({ file }) => [file.deliveredBy, file.removedBy].filter((person) => person !== null)),
  );
  const { trashDays } = ctx.limits;
  return {
    files: rows.map(({ file, asset }) => ({
      id: file.id,
      path: file.path,
      sizeBytes: asset.sizeBytes,
      round: file.addedRound,
      removal: file.removal!,
      removedAt: file.removedAt!,
      removedBy: (file.removedBy && people.get(file.removedBy)) || null,
      deliveredBy: people.get(file.deliveredBy)!,
      until: file.removedAt! + trashDays * dayMs,
    })),
    keptDays: trashDays,
  };
}

/**
 * Releases the bytes of one batch of expired files, and returns the number of files. The rows stay, because rounds refer to
 * them.
 */
export function purgeRemovedFiles(ctx: Context): number {
  const until = ctx.clock() - ctx.limits.trashDays * dayMs;
  return inTransaction(ctx.db, (tx) => {
    const due = tx
      .select({ id: deliveredFiles.id, assetId: deliveredFiles.assetId })
      .from(deliveredFiles)
      .innerJoin(requests, eq(requests.id, deliveredFiles.requestId))
      .where(
        and(
          isNotNull(deliveredFiles.removedAt),
          isNull(deliveredFiles.purgedAt),
          lte(deliveredFiles.removedAt, until),
        ),
      )
      .orderBy(asc(deliveredFiles.removedAt))
      .limit(batch)
      .all();
    if (due.length === 0) return 0;
    const ids = due.map(({ id }) => id);
    tx.update(deliveredFiles).set({ purgedAt: ctx.clock() }).where(inArray(deliveredFiles.id, ids)).run();
    markUnreferenced(
      tx,
      ctx,
      due.map(({ assetId }) => assetId),
    );
    return due.length;
  });
}
