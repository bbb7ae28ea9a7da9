/** Repairs uploads after a crash: at boot before the hub serves anything, and completes uploads every minute after that. */
import { and, eq } from 'drizzle-orm';
import { uploads } from '@turnover/db/schema/uploads';
import { inTransaction } from '@turnover/db/transaction';
import { HubError } from '@turnover/domain/errors';
import type { UploadStatus } from '@turnover/domain/workspace/uploads';
import type { Upload } from '../access.ts';
import type { Context } from '../context.ts';
import { finishUpload } from './completion.ts';
import { signalUpload } from './events.ts';

/**
 * Completes uploads whose process died between the last byte and the commit. An upload that is refused stays and is tried
 * again later.
 */
export function reconcileUploads(ctx: Context): void {
  const whole = ctx.db
    .select({ id: uploads.id })
    .from(uploads)
    .where(and(eq(uploads.status, 'uploading'), eq(uploads.durableOffset, uploads.sizeBytes)))
    .all();
  for (const { id } of whole) {
    try {
      finishUpload(ctx, id);
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      ctx.log('info', 'upload.waits', { uploadId: id, code: error.code });
    }
  }
}

/**
 * Runs at boot. Cuts off the bytes after the durable offset: they were never acknowledged and may be damaged. When bytes before
 * the offset are missing, the disk lost data that it had confirmed. Continuing would leave a gap, so the upload is given up and
 * must start again.
 */
export async function truncateToDurable(ctx: Context): Promise<void> {
  const live = ctx.db.select().from(uploads).where(eq(uploads.status, 'uploading')).all();
  for (const upload of live) {
    const sizeBytes = await truncatePart(ctx, upload);
    if (sizeBytes === null || sizeBytes < upload.durableOffset) await giveUpUpload(ctx, upload, sizeBytes);
  }
}

const openStatuses: readonly UploadStatus[] = ['uploading', 'verifying'];

/**
 * Runs at boot. Handles incoming files that no upload will continue. Deletes empty files without a row: their upload began, but
 * was never returned to anybody. Quarantines the files of uploads that have ended; what was published has another name by then.
 * Files with bytes and no row stay, with a warning in the log.
 */
export async function sweepIncoming(ctx: Context): Promise<void> {
  for (const { uploadId, sizeBytes } of await ctx.storage.listIncoming()) {
    const upload = ctx.db
      .select({ status: uploads.status })
      .from(uploads)
      .where(eq(uploads.id, uploadId))
      .get();
    if (!upload && sizeBytes === 0) await ctx.storage.removeIncoming(uploadId);
    else if (!upload) ctx.log('warn', 'upload.fileWithoutRow', { uploadId, sizeBytes });
    else if (!openStatuses.includes(upload.status)) await ctx.storage.quarantine(uploadId);
  }
}

/**
 * Runs at boot, before the other repairs. Moves small files whose row is committed to their place. Quarantines the others: no
 * sender got an acknowledgement for them.
 */
export async function settleArrivals(ctx: Context): Promise<void> {
  for (const uploadId of await ctx.storage.listArrivals()) {
    ctx.storage.keepArrival(uploadId);
    const row = ctx.db.select({ id: uploads.id }).from(uploads).where(eq(uploads.id, uploadId)).get();
    if (!row) await ctx.storage.quarantine(uploadId);
  }
}

/** Cuts the file at the durable offset and returns its size in bytes; null when there is no file. */
async function truncatePart(ctx: Context, { id, durableOffset }: Upload): Promise<number | null> {
  if (!(await ctx.storage.hasIncoming(id))) return null;
  const file = await ctx.storage.openIncoming(id);
  try {
    const { size } = await file.stat();
    if (size <= durableOffset) return size;
    await file.truncate(durableOffset);
    await file.datasync();
    return durableOffset;
  } finally {
    await file.close();
  }
}

/** Ends an upload whose acknowledged bytes are lost. `sizeBytes`: what is left of them; null when the file is gone. */
export async function giveUpUpload(ctx: Context, upload: Upload, sizeBytes: number | null): Promise<void> {
  ctx.log('error', 'upload.bytesLost', {
    uploadId: upload.id,
    sizeBytes,
    durableOffset: upload.durableOffset,
  });
  inTransaction(ctx.db, (tx) => {
    tx.update(uploads)
      .set({ status: 'discarded', updatedAt: ctx.clock() })
      .where(and(eq(uploads.id, upload.id), eq(uploads.status, 'uploading')))
      .run();
    signalUpload(tx, ctx, upload, 'upload.discarded', { data: { name: upload.path } });
  });
  await ctx.storage.quarantine(upload.id);
}
