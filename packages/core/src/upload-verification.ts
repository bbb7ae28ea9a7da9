/** From the last byte to a published asset: the hashes as they grow, and the verdict when they are whole. */
import { and, eq, gt, inArray, isNull, or, sql } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { assetChecksums, assets } from '@turnover/db/schema/assets';
import { entries } from '@turnover/db/schema/entries';
import { deliveredFiles, requests } from '@turnover/db/schema/requests';
import { uploads } from '@turnover/db/schema/uploads';
import { inTransaction } from '@turnover/db/transaction';
import type { ChecksumAlgorithm } from '@turnover/domain/checksums';
import {
  isManifestName,
  looksLikeManifest,
  manifestSampleBytes,
  maxManifestBytes,
} from '@turnover/domain/manifests';
import type { Upload } from './access.ts';
import type { Context } from './context.ts';
import { crashpoint } from './crashpoints.ts';
import { appendEvent } from './events.ts';

/** Uploads with durable bytes that are not hashed yet, or whole and without a verdict; the oldest first. */
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

/** False: another worker was here first, and its states are as good as these. */
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

/** `values`: hexadecimal, by algorithm. Publishes the bytes, or keeps them aside when they are not what was declared. */
export async function verifyUpload(
  ctx: Context,
  uploadId: string,
  values: Partial<Record<ChecksumAlgorithm, string>>,
): Promise<void> {
  const upload = ctx.db.select().from(uploads).where(eq(uploads.id, uploadId)).get();
  if (!upload || upload.status !== 'verifying' || upload.assetId === null) return;
  const { declaredAlgorithm, declaredValue } = upload;
  const computed = declaredAlgorithm ? (values[declaredAlgorithm] ?? null) : null;
  if (declaredAlgorithm && computed !== declaredValue) await reject(ctx, upload, upload.assetId, computed);
  else await publish(ctx, upload, upload.assetId, values);
}

async function publish(
  ctx: Context,
  upload: Upload,
  assetId: string,
  values: Partial<Record<ChecksumAlgorithm, string>>,
): Promise<void> {
  crashpoint('publish.beforeLink');
  await ctx.storage.publish(upload.id, assetId);
  crashpoint('publish.afterLink');
  const isManifest = await readsAsManifest(ctx, upload, assetId);
  inTransaction(ctx.db, (tx) => {
    if (!settle(tx, ctx, upload, 'complete', null)) return;
    const now = ctx.clock();
    tx.update(assets).set({ state: 'stored', publishedAt: now }).where(eq(assets.id, assetId)).run();
    const rows = Object.entries(values).map(([algorithm, value]) => ({
      ...{ assetId, value, at: now },
      algorithm: algorithm as ChecksumAlgorithm,
      source: 'computed' as 'computed' | 'declared',
    }));
    if (upload.declaredAlgorithm && upload.declaredValue) {
      rows.push({
        ...{ assetId, at: now },
        algorithm: upload.declaredAlgorithm,
        value: upload.declaredValue,
        source: 'declared',
      });
    }
    if (rows.length > 0) tx.insert(assetChecksums).values(rows).onConflictDoNothing().run();
    if (isManifest) markManifests(tx, assetId);
    tellAll(tx, ctx, upload, assetId);
  });
  crashpoint('publish.afterCommit');
}

/** Never published: the bytes go aside, the file disappears, and the sender is told both values. */
async function reject(ctx: Context, upload: Upload, assetId: string, computed: string | null): Promise<void> {
  await ctx.storage.quarantine(upload.id);
  inTransaction(ctx.db, (tx) => {
    if (!settle(tx, ctx, upload, 'mismatch', computed)) return;
    const now = ctx.clock();
    tx.update(assets).set({ state: 'rejected' }).where(eq(assets.id, assetId)).run();
    tellAll(tx, ctx, upload, assetId);
    tx.delete(entries).where(eq(entries.assetId, assetId)).run();
    takeOutOfRequests(tx, upload, assetId, now);
    appendEvent(tx, ctx.clock, {
      kind: 'upload.mismatch',
      projectId: upload.projectId,
      requestId: upload.requestId,
      audienceId: upload.requestId ? null : upload.userId,
      deliveredBy: upload.requestId ? upload.userId : null,
      actorId: upload.userId,
      data: {
        name: upload.path,
        algorithm: upload.declaredAlgorithm,
        declared: upload.declaredValue,
        computed,
      },
    });
  });
}

function settle(
  tx: Transaction,
  ctx: Context,
  upload: Upload,
  status: 'complete' | 'mismatch',
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

function takeOutOfRequests(tx: Transaction, upload: Upload, assetId: string, now: number): void {
  const present = tx
    .select()
    .from(deliveredFiles)
    .where(and(eq(deliveredFiles.assetId, assetId), isNull(deliveredFiles.removedAt)))
    .all();
  for (const { id, requestId, addedRound } of present) {
    tx.update(deliveredFiles)
      .set({ removedAt: now, removedRound: addedRound, removal: 'removed' })
      .where(eq(deliveredFiles.id, id))
      .run();
    tx.update(requests)
      .set({
        fileCount: sql`${requests.fileCount} - 1`,
        totalBytes: sql`${requests.totalBytes} - ${upload.sizeBytes}`,
        updatedAt: now,
      })
      .where(eq(requests.id, requestId))
      .run();
  }
}

/** By the name it was delivered under, and by what it holds: only then does it freeze a request. */
async function readsAsManifest(ctx: Context, upload: Upload, assetId: string): Promise<boolean> {
  if (!isManifestName(upload.path) || upload.sizeBytes > maxManifestBytes) return false;
  const sample = await ctx.storage.readBeginning(assetId, manifestSampleBytes);
  return looksLikeManifest(sample.toString('utf8'));
}

function markManifests(tx: Transaction, assetId: string): void {
  const marked = tx
    .update(deliveredFiles)
    .set({ isManifest: true })
    .where(
      and(
        eq(deliveredFiles.assetId, assetId),
        eq(deliveredFiles.isManifest, false),
        isNull(deliveredFiles.removedAt),
      ),
    )
    .returning({ requestId: deliveredFiles.requestId })
    .all();
  for (const { requestId } of marked) {
    tx.update(requests)
      .set({ manifestCount: sql`${requests.manifestCount} + 1` })
      .where(eq(requests.id, requestId))
      .run();
  }
}

/** Everybody who looks at the file, wherever it was put since. */
function tellAll(tx: Transaction, ctx: Context, upload: Upload, assetId: string): void {
  const inRequests = tx
    .select({ requestId: deliveredFiles.requestId, deliveredBy: deliveredFiles.deliveredBy })
    .from(deliveredFiles)
    .where(and(eq(deliveredFiles.assetId, assetId), isNull(deliveredFiles.removedAt)))
    .all();
  const mine = { projectId: upload.projectId, audienceId: upload.userId, data: { uploadId: upload.id } };
  appendEvent(tx, ctx.clock, { kind: 'upload.changed', ...mine });
  appendEvent(tx, ctx.clock, { kind: 'workspace.changed', ...mine });
  for (const { requestId, deliveredBy } of inRequests) {
    appendEvent(tx, ctx.clock, {
      kind: 'file.stageChanged',
      projectId: upload.projectId,
      requestId,
      deliveredBy,
    });
  }
}
