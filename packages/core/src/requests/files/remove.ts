/** Removes files from a request. Rows are marked and never deleted, so that every submitted round stays readable. */
import { and, count, eq, inArray, isNull, not, or, sql, sum, type SQL } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { assets } from '@turnover/db/schema/assets';
import { stageRuns } from '@turnover/db/schema/jobs';
import { deliveredFiles, requests } from '@turnover/db/schema/requests';
import type { EventKind } from '@turnover/domain/events';
import type { FileSelection } from '@turnover/domain/requests/files';
import type { DeliveredFile, DeliveryRequest } from '../../access.ts';
import type { Context } from '../../context.ts';
import { queueSubmitCheck } from '../submit-trigger.ts';
import { appendEvent } from '../../events.ts';
import { considerComparison } from '../../manifests/queue.ts';
import { inList } from '../../in-list.ts';

/** Why a file was removed. `renamed` is left out, because such a file continues under another name. */
export type Removal = Exclude<NonNullable<DeliveredFile['removal']>, 'renamed'>;

const eventOf: Record<Removal, EventKind> = {
  removed: 'file.removed',
  cleared: 'file.cleared',
  replaced: 'file.replaced',
};

/** The most file names in one event; its `count` includes all files. */
export const namesPerEvent = 5;

export const everyFile: FileSelection = { allExcept: [] };

/** Removes the selected present files and updates the counters. Returns the number of files. */
export function takeOutFiles(
  tx: Transaction,
  ctx: Pick<Context, 'clock' | 'newId'>,
  request: Pick<DeliveryRequest, 'id' | 'projectId' | 'round'>,
  selection: FileSelection,
  { removal, actorId }: { removal: Removal; actorId: string | null },
): number {
  const selected = selectedFiles(request.id, selection);
  const { total, byDeliverer } = sumFiles(tx, selected);
  for (const { deliveredBy, files, names } of byDeliverer) {
    recordRemoval(tx, ctx, request, { removal, actorId, deliveredBy, count: files, names });
  }
  const removedAt = ctx.clock();
  tx.update(deliveredFiles)
    .set({ removedAt, removedRound: request.round, removedBy: actorId, removal })
    .where(selected)
    .run();
  changeCounters(tx, ctx, request.id, {
    files: -total.files,
    bytes: -total.bytes,
    manifests: -total.manifests,
  });
  return total.files;
}

/** Sums the files, in total and for each deliverer. Each deliverer gets an event, because some roles see only their own files. */
export function sumFiles(db: Reader, where: SQL | undefined) {
  const groups = db
    .select({
      deliveredBy: deliveredFiles.deliveredBy,
      files: count(),
      bytes: sum(assets.sizeBytes).mapWith(Number),
      manifests: sum(deliveredFiles.isManifest).mapWith(Number),
    })
    .from(deliveredFiles)
    .innerJoin(assets, eq(assets.id, deliveredFiles.assetId))
    .where(where)
    .groupBy(deliveredFiles.deliveredBy)
    .all();
  const total = (of: 'files' | 'bytes' | 'manifests') => groups.reduce((all, group) => all + group[of], 0);
  return {
    total: { files: total('files'), bytes: total('bytes'), manifests: total('manifests') },
    byDeliverer: groups.map(({ deliveredBy, files }) => ({
      deliveredBy,
      files,
      names: someNames(db, and(where, eq(deliveredFiles.deliveredBy, deliveredBy))),
    })),
  };
}

export function recordRemoval(
  tx: Transaction,
  ctx: Pick<Context, 'clock'>,
  { id: requestId, projectId }: Pick<DeliveryRequest, 'id' | 'projectId'>,
  {
    removal,
    actorId,
    deliveredBy,
    ...data
  }: { removal: Removal; actorId: string | null; deliveredBy: string; count: number; names: string[] },
): void {
  appendEvent(tx, ctx.clock, { kind: eventOf[removal], projectId, requestId, deliveredBy, actorId, data });
}

/** Adds to the request's counters, and queues the checks that depend on its files. Returns the new row. */
export function changeCounters(
  tx: Transaction,
  ctx: Pick<Context, 'clock' | 'newId'>,
  requestId: string,
  { files, bytes, manifests }: { files: number; bytes: number; manifests: number },
): DeliveryRequest {
  const request = tx
    .update(requests)
    .set({
      fileCount: sql`${requests.fileCount} + ${files}`,
      totalBytes: sql`${requests.totalBytes} + ${bytes}`,
      manifestCount: sql`${requests.manifestCount} + ${manifests}`,
      updatedAt: ctx.clock(),
    })
    .where(eq(requests.id, requestId))
    .returning()
    .get()!;
  considerComparison(tx, ctx, request);
  queueSubmitCheck(tx, ctx, request);
  return request;
}

/** Whether a stage of one of the selected files waits or runs. */
export function hasLiveStage(
  db: Reader,
  request: Pick<DeliveryRequest, 'id' | 'round'>,
  selection: FileSelection,
): boolean {
  const rounds = Array.from({ length: request.round }, (_, index) => index + 1);
  return (
    db
      .select({ id: stageRuns.id })
      .from(stageRuns)
      .innerJoin(deliveredFiles, eq(deliveredFiles.id, stageRuns.fileId))
      .where(
        and(
          eq(stageRuns.requestId, request.id),
          // The list of rounds lets SQLite use the index that finds the few live stages.
          inArray(stageRuns.round, rounds),
          inArray(stageRuns.status, ['waiting', 'running']),
          selectedFiles(request.id, selection),
        ),
      )
      .limit(1)
      .get() !== undefined
  );
}

/** The present files of a selection, as a condition on `delivered_files`. */
export function selectedFiles(requestId: string, selection: FileSelection): SQL | undefined {
  const present = and(eq(deliveredFiles.requestId, requestId), isNull(deliveredFiles.removedAt));
  if ('fileIds' in selection) {
    const { fileIds, sequenceIds = [] } = selection;
    const files = inList(deliveredFiles.id, fileIds);
    return and(present, sequenceIds.length === 0 ? files : or(files, framesOf(sequenceIds)));
  }
  const { allExcept, exceptSequences = [], sequenceId } = selection;
  return and(
    present,
    sequenceId === undefined ? undefined : framesOf([sequenceId]),
    allExcept.length === 0 ? undefined : not(inList(deliveredFiles.id, allExcept)),
    exceptSequences.length === 0 ? undefined : not(framesOf(exceptSequences)),
  );
}

/** The condition for frames of these sequences. SQLite uses their index only if the query states that the key is not null. */
function framesOf(keys: readonly string[]): SQL {
  return sql`(${deliveredFiles.sequenceKey} is not null and ${inList(deliveredFiles.sequenceKey, keys)})`;
}

function someNames(db: Reader, where: SQL | undefined): string[] {
  return db
    .select({ path: deliveredFiles.path })
    .from(deliveredFiles)
    .where(where)
    .orderBy(deliveredFiles.pathKey)
    .limit(namesPerEvent)
    .all()
    .map(({ path }) => path);
}
