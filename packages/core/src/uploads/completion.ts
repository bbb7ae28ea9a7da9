/** Records which bytes of an upload are durable, and completes it when all are. */
import { and, eq, gte, lte } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { assets } from '@turnover/db/schema/assets';
import { uploads } from '@turnover/db/schema/uploads';
import { inTransaction } from '@turnover/db/transaction';
import { HubError } from '@turnover/domain/errors';
import { reservedForMs } from '@turnover/domain/workspace/upload-space';
import type { DeliveryRequest, Upload } from '../access.ts';
import { recordAct } from '../audit/record.ts';
import type { Context } from '../context.ts';
import { crashpoint } from '../crashpoints.ts';
import { insertFile } from '../entries/tree.ts';
import { addDeliveredFile } from '../requests/files/files.ts';
import { requireUploadTarget } from './access.ts';
import { signalUpload } from './events.ts';
import { findEntry, type Place } from '../entries/lookup.ts';
import { freeName, placeOrRoot, signalEntries, signalWorkspace } from '../entries/places.ts';
import { replaceBytes } from '../entries/versions.ts';

/**
 * Records the durable offset. Call it after a successful fdatasync and before acknowledging the bytes. The offset never goes
 * back; throws `upload_gone` when the upload is no longer uploading.
 */
export function recordDurableOffset(ctx: Context, uploadId: string, offset: number): void {
  const isRecorded = inTransaction(ctx.db, (tx) => recordOffset(tx, ctx, uploadId, offset), { waitMs: 0 });
  if (!isRecorded) throw uploadEnded();
}

/** As `recordDurableOffset`, for many uploads in one commit. Returns the errors of those that are no longer uploading. */
export function recordDurableOffsets(
  ctx: Context,
  offsets: ReadonlyMap<string, number>,
): Map<string, HubError> {
  const ended = inTransaction(
    ctx.db,
    (tx) => [...offsets].filter(([uploadId, offset]) => !recordOffset(tx, ctx, uploadId, offset)),
    { waitMs: 0 },
  );
  return new Map(ended.map(([uploadId]) => [uploadId, uploadEnded()]));
}

function recordOffset(tx: Transaction, ctx: Context, uploadId: string, offset: number): boolean {
  const now = ctx.clock();
  const before = tx.select().from(uploads).where(eq(uploads.id, uploadId)).get();
  const { changes } = tx
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
    .run();
  if (before && changes > 0) signalProgress(tx, ctx, before, offset);
  return changes > 0;
}

function uploadEnded(): HubError {
  return new HubError('upload_gone', 'This upload has ended.');
}

/** The shortest time between two live events about the progress of one upload. */
const progressEveryMs = 2000;

/** Signals the first offset in each period. The last offset needs no signal, because the file itself appears. */
function signalProgress(tx: Transaction, ctx: Context, upload: Upload, offset: number): void {
  const period = (at: number) => Math.floor(at / progressEveryMs);
  if (offset >= upload.sizeBytes || period(ctx.clock()) === period(upload.updatedAt)) return;
  signalUpload(tx, ctx, upload, 'upload.progress', { data: { bytes: offset } });
}

/**
 * Completes an upload whose bytes are all durable: it becomes `verifying` and its file appears, in one transaction. Further
 * calls change nothing. Throws when the uploader may no longer put the file there, or when the request takes no files now. Then
 * the upload stays as it is, and is completed later or discarded.
 */
export function finishUpload(ctx: Context, uploadId: string): void {
  inTransaction(ctx.db, (tx) => {
    completeUpload(tx, ctx, uploadId);
    crashpoint('finish.beforeCommit');
  });
  crashpoint('finish.afterCommit');
}

/**
 * Records the last offset and completes the upload in one commit. When the upload may not be completed now, the offset is
 * recorded alone, and the refusal is thrown.
 */
export function finishAtOffset(ctx: Context, uploadId: string, offset: number): void {
  try {
    inTransaction(
      ctx.db,
      (tx) => {
        if (!recordOffset(tx, ctx, uploadId, offset)) throw uploadEnded();
        completeUpload(tx, ctx, uploadId);
        crashpoint('finish.beforeCommit');
      },
      { waitMs: 0 },
    );
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    recordDurableOffset(ctx, uploadId, offset);
    throw error;
  }
  crashpoint('finish.afterCommit');
}

/** As `finishUpload`, but inside the caller's transaction. */
function completeUpload(tx: Transaction, ctx: Context, uploadId: string): void {
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
  const { projectId, folderId, sizeBytes } = upload;
  const place = request ? null : placeOrRoot(tx, { ...ctx, person: uploader }, projectId, folderId);
  const holder = { projectId, ownerId: place?.ownerId ?? null };
  tx.insert(assets)
    .values({ id: assetId, ...holder, sizeBytes, state: 'verifying', createdAt: ctx.clock() })
    .run();
  tx.update(uploads).set({ assetId }).where(eq(uploads.id, uploadId)).run();
  if (request) deliverFile(tx, ctx, upload, request, assetId);
  else if (place) keepFile(tx, ctx, upload, place, assetId);
  signalUpload(tx, ctx, upload);
  recordFinished(tx, ctx, uploader, upload);
}

/** One entry for each upload, however many requests brought its bytes. */
export function recordFinished(
  tx: Transaction,
  ctx: Context,
  actor: { id: string; email: string },
  { id, projectId, requestId, sizeBytes }: Pick<Upload, 'id' | 'projectId' | 'requestId' | 'sizeBytes'>,
): void {
  const details = { requestId, sizeBytes };
  recordAct(tx, ctx, { action: 'uploads.finish', actor, projectId, subject: id, details });
}

function requireStillTheirs(tx: Transaction, ctx: Context, upload: Upload) {
  const person = tx.select().from(users).where(eq(users.id, upload.userId)).get()!;
  if (person.disabledAt !== null) throw new HubError('forbidden', 'This account is disabled.');
  return { uploader: person, request: requireUploadTarget(tx, { ...ctx, person }, upload) };
}

type Placed = Pick<Upload, 'path' | 'sizeBytes' | 'userId' | 'folderId' | 'replaces'>;

export function deliverFile(
  tx: Transaction,
  ctx: Context,
  upload: Placed,
  request: DeliveryRequest,
  assetId: string,
): void {
  const { path, sizeBytes, userId: deliveredBy, replaces: replace } = upload;
  addDeliveredFile(tx, ctx, { request, path, assetId, sizeBytes, deliveredBy, replace });
}

/**
 * Puts the file into its folder, or into the uploader's own root when the folder is in the trash. Replaces the file with the
 * same name in the folder if the upload asked for it.
 */
export function keepFile(tx: Transaction, ctx: Context, upload: Placed, place: Place, assetId: string): void {
  const isThere = place.folderId === upload.folderId;
  const present = upload.replaces && isThere ? findEntry(tx, place, upload.path) : undefined;
  if (present?.kind === 'file') {
    replaceBytes(tx, ctx, present, { assetId, sizeBytes: upload.sizeBytes }, upload.userId);
    signalEntries(tx, ctx, [present]);
    return;
  }
  const file = {
    name: freeName(tx, place, upload.path),
    assetId,
    sizeBytes: upload.sizeBytes,
    state: 'verifying',
  } as const;
  insertFile(tx, ctx, place, file, { by: upload.userId });
  signalWorkspace(tx, ctx, place);
}
