/** Restores removed files of a request: one, several, or those that the caller has just removed. */
import { and, desc, eq, gt, inArray, isNotNull, isNull } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { deliveredFiles } from '@turnover/db/schema/requests';
import { HubError, notFound } from '@turnover/domain/errors';
import {
  undoRemoveMs,
  type DeliveredFileView,
  type RestoredFilesView,
} from '@turnover/domain/requests/files';
import { loadDeliveredFile, loadRequest, type DeliveredFile, type DeliveryRequest } from '../../access.ts';
import { inBatches } from '../../batches.ts';
import type { PersonContext } from '../../context.ts';
import { appendEvent } from '../../events.ts';
import { inList } from '../../in-list.ts';
import { refuseTakenPath } from './add.ts';
import { assetOf, requireGate } from './files.ts';
import { viewFile } from './list.ts';
import { changeCounters, namesPerEvent } from './remove.ts';

/**
 * Restores a removed file. If a round was submitted without it, its bytes are added as a new file with a new id, because
 * that round must not change.
 */
export function restoreFile(ctx: PersonContext, { id }: Pick<DeliveredFile, 'id'>): DeliveredFileView {
  const restoredId = inTransaction(ctx.db, (tx) => {
    const { file, request } = loadDeliveredFile(tx, ctx.person, id, 'request:update');
    if (file.removedAt === null) throw new HubError('conflict', 'This file is in the request already.');
    return restoreAll(tx, ctx, request, [file])[0]!;
  });
  return viewFile(ctx, restoredId);
}

const batch = 100;

/**
 * Restores every removed file that can be restored, newest first: of several files with one name, the last one comes back.
 * Works in batches, and file by file where a batch is refused.
 */
export async function restoreEveryFile(
  ctx: PersonContext,
  { id }: Pick<DeliveryRequest, 'id'>,
): Promise<RestoredFilesView> {
  const { id: fileId, requestId, removedAt, purgedAt, removal } = deliveredFiles;
  const ids = ctx.db
    .select({ fileId })
    .from(deliveredFiles)
    .where(
      and(
        eq(requestId, id),
        isNotNull(removedAt),
        isNull(purgedAt),
        inArray(removal, ['removed', 'cleared', 'replaced']),
      ),
    )
    .orderBy(desc(removedAt), desc(fileId))
    .all()
    .map((row) => row.fileId);
  const result: RestoredFilesView = { restored: 0, refused: 0, refusal: null };
  const restore = (some: readonly string[]) => {
    restoreTogether(ctx, id, some);
    result.restored += some.length;
  };
  await inBatches(ids, batch, (some) => {
    if (refusalIn(() => restore(some)) === null) return;
    for (const each of some) {
      const refusal = refusalIn(() => restore([each]));
      if (refusal === null) continue;
      result.refused += 1;
      result.refusal ??= refusal;
    }
  });
  return result;
}

function restoreTogether(ctx: PersonContext, requestId: string, fileIds: readonly string[]): void {
  inTransaction(ctx.db, (tx) => {
    const request = loadRequest(tx, ctx.person, requestId, 'request:update');
    const files = tx.select().from(deliveredFiles).where(inList(deliveredFiles.id, fileIds)).all();
    restoreAll(
      tx,
      ctx,
      request,
      files.filter((file) => file.removedAt !== null),
    );
  });
}

function refusalIn(work: () => void): RestoredFilesView['refusal'] {
  try {
    work();
    return null;
  } catch (error) {
    if (error instanceof HubError) return { code: error.code, details: error.details };
    throw error;
  }
}

/** Undoes a removal by the caller. `undo` was returned by that removal. Restores all of its files, or none. */
export function undoRemove(
  ctx: PersonContext,
  { id }: Pick<DeliveryRequest, 'id'>,
  undo: number,
): RestoredFilesView {
  return inTransaction(ctx.db, (tx) => {
    const request = loadRequest(tx, ctx.person, id, 'file:remove');
    const files = tx
      .select()
      .from(deliveredFiles)
      .where(
        and(
          eq(deliveredFiles.requestId, id),
          eq(deliveredFiles.removedAt, undo),
          gt(deliveredFiles.removedAt, ctx.clock() - undoRemoveMs),
          eq(deliveredFiles.removedBy, ctx.person.id),
          eq(deliveredFiles.removal, 'removed'),
        ),
      )
      .all();
    if (files.length === 0) throw new HubError('conflict', 'There is nothing to undo any more.');
    return { restored: restoreAll(tx, ctx, request, files).length, refused: 0, refusal: null };
  });
}

/** Returns the ids that the files have after the restore. */
function restoreAll(
  tx: Transaction,
  ctx: PersonContext,
  request: DeliveryRequest,
  files: readonly DeliveredFile[],
): string[] {
  requireGate(tx, ctx.person.id, request, 'add', { fileIds: [] });
  let bytes = 0;
  const ids = files.map((file) => {
    if (file.removal === 'renamed') throw notFound();
    const asset = assetOf(tx, file.id);
    if (file.purgedAt !== null || !['stored', 'verifying'].includes(asset.state)) {
      throw new HubError('conflict', 'This file can no longer be restored.');
    }
    refuseTakenPath(tx, request.id, file.path, file.id);
    bytes += asset.sizeBytes;
    return putBack(tx, ctx, request, file);
  });
  const manifests = files.filter(({ isManifest }) => isManifest).length;
  changeCounters(tx, ctx, request.id, { files: files.length, bytes, manifests });
  for (const [deliveredBy, restored] of Map.groupBy(files, (file) => file.deliveredBy)) {
    const names = restored.slice(0, namesPerEvent).map(({ path }) => path);
    recordRestored(tx, ctx, request, { deliveredBy, count: restored.length, names });
  }
  return ids;
}

/** `count` and `names` describe the files of one deliverer. */
export function recordRestored(
  tx: Transaction,
  ctx: PersonContext,
  { id: requestId, projectId }: Pick<DeliveryRequest, 'id' | 'projectId'>,
  { deliveredBy, ...data }: { deliveredBy: string; count: number; names: string[] },
): void {
  const actorId = ctx.person.id;
  appendEvent(tx, ctx.clock, { kind: 'file.restored', projectId, requestId, deliveredBy, actorId, data });
}

/** Restores one file and returns its present id, which may be new. */
function putBack(
  tx: Transaction,
  ctx: PersonContext,
  { round }: DeliveryRequest,
  file: DeliveredFile,
): string {
  if (file.removedRound === round) {
    const present = { removedAt: null, removedRound: null, removedBy: null, removal: null };
    tx.update(deliveredFiles).set(present).where(eq(deliveredFiles.id, file.id)).run();
    return file.id;
  }
  const { requestId, path, pathKey, lookKey, sequenceKey, frame, assetId, isManifest, deliveredBy } = file;
  const keys = { pathKey, lookKey, sequenceKey, frame };
  const kept = { requestId, path, ...keys, assetId, isManifest, deliveredBy };
  const id = ctx.newId('deliveredFile');
  tx.insert(deliveredFiles)
    .values({ ...kept, id, addedAt: ctx.clock(), addedRound: round })
    .run();
  return id;
}
