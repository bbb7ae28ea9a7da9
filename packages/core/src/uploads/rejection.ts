/** Rejects an asset whose bytes differ from the declared checksum, and removes its file from all places where it appeared. */
import { and, desc, eq, isNull } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { assets } from '@turnover/db/schema/assets';
import { entries, entryVersions } from '@turnover/db/schema/entries';
import { deliveredFiles } from '@turnover/db/schema/requests';
import type { DeliveredFile, Upload } from '../access.ts';
import type { Context } from '../context.ts';
import { deleteEntry } from '../entries/tree.ts';
import { fallBack } from '../entries/versions.ts';
import { appendEvent } from '../events.ts';
import { changeCounters } from '../requests/files/remove.ts';
import { signalUpload } from './events.ts';
import { signalWorkspace } from '../entries/places.ts';

/** Rejects the asset of an upload that is now `mismatch`. The events for its sender and for each request carry both checksums. */
export function rejectAsset(
  tx: Transaction,
  ctx: Context,
  upload: Upload,
  assetId: string,
  computed: string,
): void {
  tx.update(assets).set({ state: 'rejected' }).where(eq(assets.id, assetId)).run();
  const data = {
    name: upload.path,
    algorithm: upload.declaredAlgorithm,
    declared: upload.declaredValue,
    computed,
  };
  signalUpload(tx, ctx, upload, 'upload.mismatch', { actorId: upload.userId, data });
  removeEntries(tx, ctx, assetId);
  const present = tx
    .select()
    .from(deliveredFiles)
    .where(and(eq(deliveredFiles.assetId, assetId), isNull(deliveredFiles.removedAt)))
    .all();
  for (const file of present) {
    takeOut(tx, ctx, file, upload.sizeBytes);
    putBackReplaced(tx, ctx, upload, file);
    if (file.requestId === upload.requestId) continue;
    appendEvent(tx, ctx.clock, {
      kind: 'upload.mismatch',
      projectId: upload.projectId,
      requestId: file.requestId,
      deliveredBy: file.deliveredBy,
      actorId: upload.userId,
      data: { ...data, name: file.path },
    });
  }
}

/**
 * Gives entries the bytes that the rejected ones replaced. Deletes entries without earlier bytes for good, because the trash
 * could restore nothing.
 */
function removeEntries(tx: Transaction, ctx: Context, assetId: string): void {
  tx.delete(entryVersions).where(eq(entryVersions.assetId, assetId)).run();
  for (const entry of tx.select().from(entries).where(eq(entries.assetId, assetId)).all()) {
    signalWorkspace(tx, ctx, { ...entry, folderId: entry.id });
    if (!fallBack(tx, ctx, entry)) deleteEntry(tx, ctx, entry);
  }
}

/**
 * Removes the file from its request. No submitted round contains it, because a request with unverified files cannot be
 * submitted.
 */
function takeOut(tx: Transaction, ctx: Context, file: DeliveredFile, sizeBytes: number): void {
  tx.update(deliveredFiles)
    .set({ removedAt: ctx.clock(), removedRound: file.addedRound, removal: 'removed' })
    .where(eq(deliveredFiles.id, file.id))
    .run();
  changeCounters(tx, ctx, file.requestId, { files: -1, bytes: -sizeBytes, manifests: 0 });
}

/**
 * Restores the file that the rejected one replaced. It is found by time, because one transaction removed it and added the
 * other.
 */
function putBackReplaced(tx: Transaction, ctx: Context, upload: Upload, rejected: DeliveredFile): void {
  const { requestId, pathKey, addedAt } = rejected;
  const replaced = tx
    .select({ file: deliveredFiles, sizeBytes: assets.sizeBytes })
    .from(deliveredFiles)
    .innerJoin(assets, eq(assets.id, deliveredFiles.assetId))
    .where(
      and(
        eq(deliveredFiles.requestId, requestId),
        eq(deliveredFiles.pathKey, pathKey),
        eq(deliveredFiles.removal, 'replaced'),
        eq(deliveredFiles.removedAt, addedAt),
      ),
    )
    .orderBy(desc(deliveredFiles.id))
    .limit(1)
    .get();
  if (!replaced) return;
  const { file, sizeBytes } = replaced;
  tx.update(deliveredFiles)
    .set({ removedAt: null, removedRound: null, removedBy: null, removal: null })
    .where(eq(deliveredFiles.id, file.id))
    .run();
  changeCounters(tx, ctx, requestId, { files: 1, bytes: sizeBytes, manifests: Number(file.isManifest) });
  appendEvent(tx, ctx.clock, {
    kind: 'file.restored',
    projectId: upload.projectId,
    requestId,
    deliveredBy: file.deliveredBy,
    data: { count: 1, names: [file.path] },
  });
}
