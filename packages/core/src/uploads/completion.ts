/** The bytes of an upload: what of them is durable, and the moment when all are. */
import { and, eq, gte, lte } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { assets } from '@turnover/db/schema/assets';
import { uploads } from '@turnover/db/schema/uploads';
import { inTransaction } from '@turnover/db/transaction';
import { HubError } from '@turnover/domain/errors';
import { reservedForMs } from '@turnover/domain/workspace/upload-space';
import type { DeliveryRequest, Upload } from '../access.ts';
import type { Context, Person } from '../context.ts';
import { crashpoint } from '../crashpoints.ts';
import { insertFile } from '../entries/tree.ts';
import { addDeliveredFile } from '../requests/files/files.ts';
import { requireUploadTarget } from './access.ts';
import { signalUpload } from './events.ts';
import { freeName, placeOrRoot, signalWorkspace } from '../entries/places.ts';

/** After an fdatasync that succeeded, before anyone is told. Never goes back; refuses what is no longer uploading. */
export function recordDurableOffset(ctx: Context, uploadId: string, offset: number): void {
  const now = ctx.clock();
  const { changes } = inTransaction(
    ctx.db,
    (tx) =>
      tx
        .update(uploads)
        .set({ durableOffset: offset, updatedAt: now, reservedUntil: now + reservedForMs })
        .where(
          and(
            eq(uploads.id, uploadId),
            eq(uploads.status, 'uploading'),
            lte(uploads.durableOffset, offset),
            gte(uploads.sizeBytes, offset),
          ),
        )
        .run(),
    { waitMs: 0 },
  );
  if (changes === 0) throw new HubError('upload_gone', 'This upload is no longer going on.');
}

/**
 * All bytes are durable: the upload becomes `verifying` and its file appears, in one transaction, once however often it
 * is called. The uploader must still have the right to put it there. A request that takes no files now leaves the upload
 * as it is, whole: it ends when the request is open again, or is discarded.
 */
export function finishUpload(ctx: Context, uploadId: string): void {
  inTransaction(ctx.db, (tx) => {
    const upload = tx
      .update(uploads)
      .set({ status: 'verifying', updatedAt: ctx.clock() })
      .where(
        and(
          eq(uploads.id, uploadId),
          eq(uploads.status, 'uploading'),
          eq(uploads.durableOffset, uploads.sizeBytes),
        ),
      )
      .returning()
      .get();
    if (!upload) return;
    const { uploader, request } = requireStillTheirs(tx, ctx, upload);
    const assetId = ctx.newId('asset');
    tx.insert(assets)
      .values({ id: assetId, sizeBytes: upload.sizeBytes, state: 'verifying', createdAt: ctx.clock() })
      .run();
    tx.update(uploads).set({ assetId }).where(eq(uploads.id, uploadId)).run();
    if (request) deliver(tx, ctx, upload, request, assetId);
    else keep(tx, ctx, upload, uploader, assetId);
    signalUpload(tx, ctx, upload);
    crashpoint('finish.beforeCommit');
  });
  crashpoint('finish.afterCommit');
}

function requireStillTheirs(tx: Transaction, ctx: Context, upload: Upload) {
  const person = tx.select().from(users).where(eq(users.id, upload.userId)).get()!;
  if (person.disabledAt !== null) throw new HubError('forbidden', 'This account is disabled.');
  return { uploader: person, request: requireUploadTarget(tx, { ...ctx, person }, upload) };
}

function deliver(
  tx: Transaction,
  ctx: Context,
  upload: Upload,
  request: DeliveryRequest,
  assetId: string,
): void {
  const { path, sizeBytes, userId: deliveredBy, replaces: replace } = upload;
  addDeliveredFile(tx, ctx, { request, path, assetId, sizeBytes, deliveredBy, replace });
}

/** A folder that went to the trash meanwhile does not take the file with it: it comes to the uploader's own root. */
function keep(tx: Transaction, ctx: Context, upload: Upload, uploader: Person, assetId: string): void {
  const place = placeOrRoot(tx, { ...ctx, person: uploader }, upload.projectId, upload.folderId);
  const file = {
    name: freeName(tx, place, upload.path),
    assetId,
    sizeBytes: upload.sizeBytes,
    state: 'verifying',
  } as const;
  insertFile(tx, ctx, place, file, { by: uploader.id });
  signalWorkspace(tx, ctx, place);
}
