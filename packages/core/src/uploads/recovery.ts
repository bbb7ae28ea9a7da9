/** What a crash left of uploads is put right: at boot before anything is served, and every minute after. */
import { and, eq } from 'drizzle-orm';
import { uploads } from '@turnover/db/schema/uploads';
import { inTransaction } from '@turnover/db/transaction';
import { HubError } from '@turnover/domain/errors';
import type { Upload } from '../access.ts';
import type { Context } from '../context.ts';
import { finishUpload } from './completion.ts';
import { signalUpload } from './events.ts';

/** Ends what lost its process between the last byte and the commit. What is refused stays and is tried again. */
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
 * At boot: what lies behind the durable offset was never acknowledged and may be anything. Where bytes before it are
 * missing, the disk broke its promise: going on would leave a hole, so that upload is given up and has to begin anew.
 */
export async function truncateToDurable(ctx: Context): Promise<void> {
  const live = ctx.db.select().from(uploads).where(eq(uploads.status, 'uploading')).all();
  for (const upload of live) {
    const sizeBytes = await truncatePart(ctx, upload);
    if (sizeBytes === null || sizeBytes < upload.durableOffset) await giveUp(ctx, upload, sizeBytes);
  }
}

/**
 * At boot: growing files that no upload will go on with. An empty one without a row is the beginning of an upload that
 * was never told of. Whatever holds bytes is only put aside, and what is not understood stays where it is.
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
    else if (upload.status === 'discarded') await ctx.storage.quarantine(uploadId);
  }
}

/** Bytes there are up to the durable offset; null where there is no file. */
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

async function giveUp(ctx: Context, upload: Upload, sizeBytes: number | null): Promise<void> {
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
