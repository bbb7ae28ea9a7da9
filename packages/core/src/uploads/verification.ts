/** Verifies uploads: stores hash states while bytes arrive, then publishes the asset or rejects it. */
import { and, eq, gt, inArray, isNull, or, sql } from 'drizzle-orm';
import { commitTogether } from '@turnover/db/group-commit';
import type { Reader, Transaction } from '@turnover/db/open';
import { assetChecksums, assets } from '@turnover/db/schema/assets';
import { entries } from '@turnover/db/schema/entries';
import { deliveredFiles } from '@turnover/db/schema/requests';
import { uploads } from '@turnover/db/schema/uploads';
import { inTransaction } from '@turnover/db/transaction';
import { standardAlgorithm, type ChecksumAlgorithm } from '@turnover/domain/media/checksums';
import type { Upload } from '../access.ts';
import { askForThumbnails } from '../assets/preview-runs.ts';
import type { Context } from '../context.ts';
import { crashpoint } from '../crashpoints.ts';
import { queueSubmitCheck } from '../requests/submit-trigger.ts';
import { markVerified } from '../entries/tree.ts';
import { appendEvent } from '../events.ts';
import { changeCounters } from '../requests/files/remove.ts';
import { currentRequest } from '../requests/transitions.ts';
import { considerComparison } from '../manifests/queue.ts';
import { isManifest, mayBeManifest } from '../manifests/recognition.ts';
import { signalUpload } from './events.ts';
import { rejectAsset } from './rejection.ts';
import { signalWorkspace } from '../entries/places.ts';

export type VerificationResult = 'complete' | 'mismatch';

/** Hexadecimal values by algorithm. */
type HashValues = Partial<Record<ChecksumAlgorithm, string>>;

/** Uploads with unhashed durable bytes, or complete ones that are not verified. Complete ones come first, then the oldest. */
export function hashingWork(db: Reader, limit: number): Upload[] {
  return db
    .select()
    .from(uploads)
    .where(
      and(
        inArray(uploads.status, ['uploading', 'verifying']),
        or(gt(uploads.durableOffset, uploads.hashedOffset), eq(uploads.status, 'verifying')),
      ),
    )
    .orderBy(sql`${uploads.status} = 'uploading'`, uploads.id)
    .limit(limit)
    .all();
}

/** Stores the hash states up to `toOffset`. Returns false when another worker stored equivalent states first. */
export function recordHashed(
  ctx: Context,
  uploadId: string,
  fromOffset: number,
  toOffset: number,
  states: Record<string, string>,
): boolean {
  return inTransaction(
    ctx.db,
    (tx) =>
      tx
        .update(uploads)
        .set({ hashedOffset: toOffset, hashState: states })
        .where(and(eq(uploads.id, uploadId), eq(uploads.hashedOffset, fromOffset)))
        .run().changes === 1,
  );
}

/**
 * Publishes the asset, or quarantines the bytes when they differ from the declared checksum. The file keeps its name until the
 * result is recorded, so that a crash loses at most a hash step. Repeated calls change nothing. Returns the result; null when
 * it was known before.
 */
export async function verifyUpload(
  ctx: Context,
  uploadId: string,
  values: HashValues,
): Promise<VerificationResult | null> {
  const upload = ctx.db.select().from(uploads).where(eq(uploads.id, uploadId)).get();
  if (!upload || upload.status !== 'verifying' || upload.assetId === null) return null;
  const { assetId, declaredAlgorithm, declaredValue } = upload;
  for (const algorithm of [standardAlgorithm, declaredAlgorithm]) {
    // The result is known only when every needed hash is there.
    if (algorithm && !values[algorithm]) throw new Error(`${uploadId} has no ${algorithm} yet.`);
  }
  const computed = values[declaredAlgorithm ?? standardAlgorithm]!;
  const isWrong = declaredValue !== null && computed !== declaredValue;
  const isNew = isWrong
    ? await reject(ctx, upload, assetId, computed)
    : await publish(ctx, upload, assetId, values);
  if (!isNew) return null;
  return isWrong ? 'mismatch' : 'complete';
}

/** Returns false when the result is already stored. */
async function publish(ctx: Context, upload: Upload, assetId: string, values: HashValues): Promise<boolean> {
  crashpoint('publish.beforeLink');
  await ctx.storage.publish(upload.id, assetId);
  crashpoint('publish.afterLink');
  const holdsManifest = await readsAsManifest(ctx, upload, assetId);
  const isNew = await commitTogether(ctx.db, (tx) => {
    if (!settle(tx, ctx, upload, 'complete', null)) return false;
    const now = ctx.clock();
    tx.update(assets).set({ state: 'stored', publishedAt: now }).where(eq(assets.id, assetId)).run();
    markVerified(tx, assetId);
    tx.insert(assetChecksums)
      .values(checksumRows(upload, assetId, values, now))
      .run();
    if (holdsManifest) markManifests(tx, ctx, assetId, upload.sizeBytes);
    signalUpload(tx, ctx, upload);
    signalFiles(tx, ctx, assetId, upload.projectId);
    return true;
  });
  crashpoint('publish.afterCommit');
  // Not synced: the next boot quarantines a name that a power cut brings back.
  await ctx.storage.removeIncoming(upload.id);
  return isNew;
}

/** Returns false when the result is already stored. */
async function reject(ctx: Context, upload: Upload, assetId: string, computed: string): Promise<boolean> {
  const isNew = inTransaction(ctx.db, (tx) => {
    if (!settle(tx, ctx, upload, 'mismatch', computed)) return false;
    rejectAsset(tx, ctx, upload, assetId, computed);
    return true;
  });
  // The next boot repeats it.
  await ctx.storage.quarantine(upload.id);
  return isNew;
}

/** Stores the result once. Returns false when it is already stored. */
function settle(
  tx: Transaction,
  ctx: Context,
  upload: Upload,
  status: VerificationResult,
  computedValue: string | null,
): boolean {
  return (
    tx
      .update(uploads)
      .set({ status, computedValue, hashState: null, updatedAt: ctx.clock() })
      .where(and(eq(uploads.id, upload.id), eq(uploads.status, 'verifying')))
      .run().changes === 1
  );
}

function checksumRows(upload: Upload, assetId: string, values: HashValues, at: number) {
  const computed = Object.entries(values).map(([algorithm, value]) => ({
    assetId,
    value,
    at,
    algorithm: algorithm as ChecksumAlgorithm,
    source: 'computed' as const,
    how: 'arrival' as const,
  }));
  const { declaredAlgorithm: algorithm, declaredValue: value } = upload;
  if (algorithm === null || value === null) return computed;
  return [...computed, { assetId, algorithm, value, source: 'declared' as const, at }];
}

/** Whether the content is a checksum list. Reads it only if the file has a list's name, at its target or in a request. */
async function readsAsManifest({ db, storage }: Context, upload: Upload, assetId: string): Promise<boolean> {
  const { path, sizeBytes } = upload;
  const names = [path, ...deliveriesOf(db, assetId).map((file) => file.path)];
  const name = names.find((candidate) => mayBeManifest({ name: candidate, sizeBytes }));
  return name !== undefined && isManifest(storage, { name, assetId, sizeBytes });
}

function markManifests(tx: Transaction, ctx: Context, assetId: string, sizeBytes: number): void {
  for (const file of deliveriesOf(tx, assetId)) {
    if (file.isManifest || !mayBeManifest({ name: file.path, sizeBytes })) continue;
    tx.update(deliveredFiles).set({ isManifest: true }).where(eq(deliveredFiles.id, file.id)).run();
    changeCounters(tx, ctx, file.requestId, { files: 0, bytes: 0, manifests: 1 });
  }
}

/** Signals the pages of every place that now holds the file, and queues what waits for its bytes: previews, comparison, submit check. */
function signalFiles(tx: Transaction, ctx: Context, assetId: string, projectId: string): void {
  const kept = tx.select().from(entries).where(eq(entries.assetId, assetId)).all();
  for (const entry of kept) signalWorkspace(tx, ctx, { ...entry, folderId: entry.id });
  askForThumbnails(tx, ctx, assetId, kept);
  for (const { requestId, deliveredBy } of deliveriesOf(tx, assetId)) {
    appendEvent(tx, ctx.clock, { kind: 'file.stageChanged', projectId, requestId, deliveredBy });
    const request = currentRequest(tx, requestId);
    considerComparison(tx, ctx, request);
    queueSubmitCheck(tx, ctx, request);
  }
}

function deliveriesOf(db: Reader, assetId: string) {
  return db
    .select()
    .from(deliveredFiles)
    .where(and(eq(deliveredFiles.assetId, assetId), isNull(deliveredFiles.removedAt)))
    .all();
}
