/** The bytes of an upload: what of them is durable, the moment when all are, and what a crash left to be put right. */
import { open } from 'node:fs/promises';
import { and, eq, gte, lte } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { assets } from '@turnover/db/schema/assets';
import { entries } from '@turnover/db/schema/entries';
import { uploads } from '@turnover/db/schema/uploads';
import { inTransaction } from '@turnover/db/transaction';
import { HubError } from '@turnover/domain/errors';
import { nameKey } from '@turnover/domain/names';
import { loadEntry, requireUploadTarget, type Upload } from './access.ts';
import type { Context } from './context.ts';
import { crashpoint } from './crashpoints.ts';
import { appendEvent } from './events.ts';
import { addDeliveredFile } from './request-files.ts';
import { freeName } from './workspace-folders.ts';

/** After an fdatasync that succeeded, before anyone is told. Never goes back; refuses what is no longer uploading. */
export function recordDurableOffset(ctx: Context, uploadId: string, offset: number): void {
  const { changes } = inTransaction(ctx.db, (tx) =>
    tx
      .update(uploads)
      .set({ durableOffset: offset, updatedAt: ctx.clock() })
      .where(
        and(
          eq(uploads.id, uploadId),
          eq(uploads.status, 'uploading'),
          lte(uploads.durableOffset, offset),
          gte(uploads.sizeBytes, offset),
        ),
      )
      .run(),
  );
  if (changes === 0) throw new HubError('upload_gone', 'This upload is no longer going on.');
}

/**
 * All bytes are durable: the upload becomes `verifying` and its file appears, in one transaction, once however often it
 * is called. The uploader must still have the right to put it there. A request that takes no files now leaves the upload
 * as it is, whole: it ends when the request is open again, or is discarded.
 */
export function finishUpload(ctx: Context, uploadId: string): void {
  crashpoint('finish.beforeCommit');
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
    requireStillTheirs(tx, upload);
    const assetId = ctx.newId('asset');
    tx.insert(assets)
      .values({ id: assetId, sizeBytes: upload.sizeBytes, state: 'verifying', createdAt: ctx.clock() })
      .run();
    tx.update(uploads).set({ assetId }).where(eq(uploads.id, uploadId)).run();
    if (upload.requestId) deliver(tx, ctx, upload, assetId);
    else keep(tx, ctx, upload, assetId);
  });
  crashpoint('finish.afterCommit');
}

/** Ends what lost its process between the last byte and the commit. What is refused stays and is tried again. */
export function reconcileUploads(ctx: Context): void {
  const whole = ctx.db
    .select({ id: uploads.id })
    .from(uploads)
    .where(and(eq(uploads.status, 'uploading'), eq(uploads.durableOffset, uploads.sizeBytes)))
    .limit(1000)
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

/** At boot: what lies behind the durable offset was never acknowledged and may be anything. */
export async function truncateToDurable(ctx: Context): Promise<void> {
  const live = ctx.db
    .select({ id: uploads.id, durableOffset: uploads.durableOffset })
    .from(uploads)
    .where(eq(uploads.status, 'uploading'))
    .all();
  for (const { id, durableOffset } of live) {
    if (!(await ctx.storage.hasIncoming(id))) {
      ctx.log('error', 'upload.fileMissing', { uploadId: id });
      continue;
    }
    const file = await open(ctx.storage.incomingPath(id), 'r+');
    try {
      const { size } = await file.stat();
      if (size > durableOffset) await file.truncate(durableOffset);
      if (size < durableOffset)
        ctx.log('error', 'upload.fileTooShort', { uploadId: id, size, durableOffset });
    } finally {
      await file.close();
    }
  }
}

function requireStillTheirs(tx: Transaction, upload: Upload): void {
  const person = tx.select().from(users).where(eq(users.id, upload.userId)).get()!;
  if (person.disabledAt !== null) throw new HubError('forbidden', 'This account is disabled.');
  requireUploadTarget(tx, person, upload);
}

function deliver(tx: Transaction, ctx: Context, upload: Upload, assetId: string): void {
  const { path, sizeBytes, userId: deliveredBy, replaces: replace } = upload;
  const request = { id: upload.requestId! };
  addDeliveredFile(tx, ctx, { request, path, assetId, sizeBytes, deliveredBy, replace });
  appendEvent(tx, ctx.clock, {
    kind: 'upload.changed',
    projectId: upload.projectId,
    requestId: upload.requestId,
    deliveredBy,
    data: { uploadId: upload.id },
  });
}

/** A folder that went to the trash meanwhile does not take the file with it: it comes to the root. */
function keep(tx: Transaction, ctx: Context, upload: Upload, assetId: string): void {
  const place = {
    projectId: upload.projectId,
    ownerId: upload.userId,
    folderId: folderStillThere(tx, upload),
  };
  const name = freeName(tx, place, upload.path);
  const now = ctx.clock();
  tx.insert(entries)
    .values({
      id: ctx.newId('entry'),
      projectId: place.projectId,
      ownerId: place.ownerId,
      parentId: place.folderId,
      kind: 'file',
      name,
      nameKey: nameKey(name),
      assetId,
      createdAt: now,
      updatedAt: now,
    })
    .run();
  const mine = { projectId: upload.projectId, audienceId: upload.userId };
  appendEvent(tx, ctx.clock, { kind: 'workspace.changed', ...mine });
  appendEvent(tx, ctx.clock, { kind: 'upload.changed', ...mine, data: { uploadId: upload.id } });
}

function folderStillThere(tx: Transaction, { userId, folderId }: Upload): string | null {
  if (folderId === null) return null;
  const person = tx.select().from(users).where(eq(users.id, userId)).get()!;
  try {
    return loadEntry(tx, person, folderId).id;
  } catch {
    return null;
  }
}
