/** Begins, lists and discards uploads. Beginning checks everything that the hub could refuse later. */
import { and, desc, eq, inArray, isNull, or } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { memberships } from '@turnover/db/schema/projects';
import { uploads } from '@turnover/db/schema/uploads';
import { inTransaction } from '@turnover/db/transaction';
import { parseChecksum } from '@turnover/domain/media/checksums';
import { HubError } from '@turnover/domain/errors';
import { nameKey } from '@turnover/domain/names/names';
import { decide } from '@turnover/domain/people/permissions';
import { reservedForMs } from '@turnover/domain/workspace/upload-space';
import {
  takenChoice,
  uploadUrlOf,
  type BeginUploadInput,
  type UploadView,
} from '@turnover/domain/workspace/uploads';
import { loadProject, loadRequest, relationTo, type Upload } from '../access.ts';
import { queueSubmitCheck } from '../requests/submit-trigger.ts';
import type { PersonContext } from '../context.ts';
import { currentRequest } from '../requests/transitions.ts';
import { requireFileRules } from '../requests/rule-checks.ts';
import { finishUpload } from './completion.ts';
import { signalUpload } from './events.ts';
import { notifyOfDiscard } from './notices.ts';
import { requireFewUnfinished, requireSpace, withSpaceFreed } from './space.ts';
import { claimPlace, requireSegments, requireTarget, type UploadTarget } from './targets.ts';
import { viewUpload } from './view.ts';

/**
 * Checks permissions, names, rules and space, reserves the space, and creates the row and an empty file. `metadata`: the
 * metadata of a tus client, which is returned unchanged.
 */
export function beginUpload(
  ctx: PersonContext,
  input: BeginUploadInput,
  metadata?: string,
): Promise<{ uploadId: string; uploadUrl: string }> {
  return withSpaceFreed(ctx, () => begin(ctx, input, metadata));
}

async function begin(
  ctx: PersonContext,
  input: BeginUploadInput,
  metadata?: string,
): Promise<{ uploadId: string; uploadUrl: string }> {
  const segments = requireSegments(input);
  // Checks before the first write, so that a refused upload leaves no file on the disk.
  requireAdmission(ctx.db, ctx, input, await ctx.storage.freeBytes());
  const uploadId = ctx.newId('upload');
  // The file comes first: a row without a file could not receive bytes, but boot deletes a file without a row.
  await ctx.storage.createIncoming(uploadId);
  try {
    const freeBytes = await ctx.storage.freeBytes();
    inTransaction(ctx.db, (tx) => {
      // Checks again, now that nothing can change in between.
      const target = requireAdmission(tx, ctx, input, freeBytes);
      const claimed = claimPlace(tx, ctx, target, segments, takenChoice(input));
      if (target.request) {
        const file = { path: claimed.path, sizeBytes: input.sizeBytes };
        requireFileRules(tx, ctx, target.request, file, input.override ?? null);
      }
      const row = { ...rowOf(ctx, uploadId, input, claimed), metadata };
      signalUpload(tx, ctx, tx.insert(uploads).values(row).returning().get());
    });
  } catch (error) {
    await ctx.storage.removeIncoming(uploadId);
    throw error;
  }
  // An empty file has no bytes whose arrival would complete it.
  if (input.sizeBytes === 0) finishUpload(ctx, uploadId);
  return { uploadId, uploadUrl: uploadUrlOf(uploadId) };
}

/** Throws unless the person may put a file there now, has few unfinished uploads, and the file fits. */
export function requireAdmission(
  db: Reader,
  ctx: PersonContext,
  input: BeginUploadInput,
  freeBytes: number,
): UploadTarget {
  const target = requireTarget(db, ctx, input);
  requireFewUnfinished(db, ctx.person.id);
  const ownerId = target.place?.ownerId ?? null;
  const place = { personId: ctx.person.id, projectId: input.projectId, ownerId };
  requireSpace(db, ctx, place, input.sizeBytes, freeBytes);
  return target;
}

/** Lists the caller's own unfinished uploads, or everybody's into one request. */
export function listUploads(
  ctx: PersonContext,
  { projectId, requestId }: { projectId?: string | null; requestId?: string | null },
): UploadView[] {
  if (projectId) loadProject(ctx.db, ctx.person, projectId, 'project:view');
  const mine = eq(uploads.userId, ctx.person.id);
  return ctx.db
    .select({ upload: uploads, name: users.name })
    .from(uploads)
    .innerJoin(users, eq(users.id, uploads.userId))
    .where(
      and(
        requestId ? ofRequest(ctx, requestId) : and(mine, inArray(uploads.projectId, projectIdsOf(ctx))),
        projectId ? eq(uploads.projectId, projectId) : undefined,
        or(inArray(uploads.status, ['uploading', 'verifying']), and(mine, eq(uploads.status, 'mismatch'))),
      ),
    )
    .orderBy(desc(uploads.id))
    .limit(500)
    .all()
    .map(({ upload, name }) => viewUpload(upload, name));
}

/**
 * Discards an unfinished upload with its bytes. For a mismatch, it only dismisses the notice: the bytes stay quarantined.
 * Throws `conflict` when the upload has ended.
 */
export async function discardUpload(ctx: PersonContext, upload: Upload): Promise<void> {
  const discarded = inTransaction(ctx.db, (tx) => {
    const { changes } = tx
      .update(uploads)
      .set({ status: 'discarded', updatedAt: ctx.clock() })
      .where(and(eq(uploads.id, upload.id), inArray(uploads.status, ['uploading', 'mismatch'])))
      .run();
    if (changes === 0) return false;
    const data = { name: upload.path };
    signalUpload(tx, ctx, upload, 'upload.discarded', { actorId: ctx.person.id, data });
    if (upload.status === 'uploading') notifyOfDiscard(tx, ctx, upload);
    if (upload.requestId) queueSubmitCheck(tx, ctx, currentRequest(tx, upload.requestId));
    return true;
  });
  if (!discarded) throw new HubError('conflict', 'This upload has ended, so there is nothing to discard.');
  await ctx.storage.removeIncoming(upload.id);
}

/** Closes the tus address of a finished upload. Its file stays. */
export function endUploadAddress(ctx: PersonContext, { id }: Upload): void {
  inTransaction(ctx.db, (tx) => {
    const isUnended = and(eq(uploads.id, id), isNull(uploads.addressEndedAt));
    tx.update(uploads).set({ addressEndedAt: ctx.clock() }).where(isUnended).run();
  });
}

export function rowOf(
  ctx: PersonContext,
  id: string,
  input: BeginUploadInput,
  { folderId, path }: { folderId: string | null; path: string },
) {
  const declared = input.checksum ? parseChecksum(input.checksum) : null;
  const now = ctx.clock();
  return {
    id,
    projectId: input.projectId,
    requestId: input.requestId ?? null,
    folderId,
    path,
    pathKey: nameKey(path),
    userId: ctx.person.id,
    relativePath: input.relativePath ?? input.filename,
    sizeBytes: input.sizeBytes,
    modifiedAt: input.modifiedAt ?? null,
    replaces: takenChoice(input) === 'replace',
    declaredAlgorithm: declared?.algorithm ?? null,
    declaredValue: declared?.value ?? null,
    status: 'uploading' as const,
    reservedUntil: now + reservedForMs,
    createdAt: now,
    updatedAt: now,
  };
}

/** Uploads into the request that the person may see: all, or their own for roles that see only their own files. */
function ofRequest({ db, person }: PersonContext, requestId: string) {
  const request = loadRequest(db, person, requestId, 'request:view');
  const seesAll = decide('file:view', relationTo(db, person, request)) === 'granted';
  return and(eq(uploads.requestId, requestId), seesAll ? undefined : eq(uploads.userId, person.id));
}

function projectIdsOf({ db, person }: PersonContext) {
  return db.select({ id: memberships.projectId }).from(memberships).where(eq(memberships.userId, person.id));
}
