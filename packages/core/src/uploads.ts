/** Uploads as people deal with them: begun after everything that can be refused was asked, listed, discarded. */
import { open } from 'node:fs/promises';
import { and, desc, eq, inArray, or, sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { uploads } from '@turnover/db/schema/uploads';
import { inTransaction } from '@turnover/db/transaction';
import { parseChecksum } from '@turnover/domain/checksums';
import { HubError, notFound } from '@turnover/domain/errors';
import { describeNameProblem, nameKey, parseRelativePath } from '@turnover/domain/names';
import { refuseContentAction } from '@turnover/domain/request-machine';
import { uploadUrlOf, type BeginUploadInput, type UploadView } from '@turnover/domain/uploads';
import { loadEntry, loadRequest, requireUploadTarget, type Upload } from './access.ts';
import type { Context, PersonContext } from './context.ts';
import { appendEvent } from './events.ts';
import { refusePathsInRequest } from './upload-collisions.ts';
import { finishUpload } from './upload-completion.ts';
import { isWithChecksum, refused } from './request-transitions.ts';
import { makeFolders, refuseTakenName, requireName } from './workspace-folders.ts';
import { syncFolder } from './storage.ts';
import { dirname } from 'node:path';

/** Checks rights, names and space, reserves the space, and makes the row and the empty file. */
export async function beginUpload(
  ctx: PersonContext,
  input: BeginUploadInput,
): Promise<{ uploadId: string; uploadUrl: string }> {
  const target = targetOf(ctx, input);
  const segments = segmentsOf(input);
  const freeBytes = await ctx.storage.freeBytes();
  const uploadId = ctx.newId('upload');
  // The file first: a row without its file could be written to; a file without a row is swept away.
  await makePart(ctx, uploadId);
  try {
    inTransaction(ctx.db, (tx) => {
      requireSpace(tx, ctx, input.sizeBytes, freeBytes);
      const place = { projectId: target.projectId, ownerId: ctx.person.id, folderId: target.folderId };
      const folderId = target.requestId ? null : makeFolders(tx, ctx, place, segments.slice(0, -1));
      const path = target.requestId ? segments.join('/') : segments.at(-1)!;
      if (target.requestId) refusePathsInRequest(tx, ctx, target.requestId, path, input.replace);
      else refuseTakenName(tx, { ...place, folderId }, path);
      tx.insert(uploads)
        .values(rowOf(ctx, uploadId, input, { ...target, folderId, path }))
        .run();
      appendUploadEvent(tx, ctx, { ...target, id: uploadId, userId: ctx.person.id });
    });
  } catch (error) {
    await ctx.storage.removeIncoming(uploadId);
    throw error;
  }
  // Nobody sends a byte of an empty file, so nobody would end it.
  if (input.sizeBytes === 0) finishUpload(ctx, uploadId);
  return { uploadId, uploadUrl: uploadUrlOf(uploadId) };
}

/** The caller's own unfinished uploads, or everybody's into one request. */
export function listUploads(
  ctx: PersonContext,
  { projectId, requestId }: { projectId?: string | null; requestId?: string | null },
): UploadView[] {
  const mine = eq(uploads.userId, ctx.person.id);
  if (requestId) loadRequest(ctx.db, ctx.person, requestId, 'request:view');
  const ownOnly = requestId !== undefined && requestId !== null && !seesFilesOfOthers(ctx, requestId);
  return ctx.db
    .select({ upload: uploads, name: users.name })
    .from(uploads)
    .innerJoin(users, eq(users.id, uploads.userId))
    .where(
      and(
        requestId ? and(eq(uploads.requestId, requestId), ownOnly ? mine : undefined) : mine,
        projectId ? eq(uploads.projectId, projectId) : undefined,
        or(inArray(uploads.status, ['uploading', 'verifying']), and(mine, eq(uploads.status, 'mismatch'))),
      ),
    )
    .orderBy(desc(uploads.id))
    .limit(500)
    .all()
    .map(({ upload, name }) => viewOf(upload, name));
}

/** Its bytes go; a finished one stays, only its notice goes. */
export async function discardUpload(ctx: PersonContext, upload: Upload): Promise<void> {
  const discarded = inTransaction(ctx.db, (tx) => {
    const { changes } = tx
      .update(uploads)
      .set({ status: 'discarded', updatedAt: ctx.clock() })
      .where(and(eq(uploads.id, upload.id), inArray(uploads.status, ['uploading', 'mismatch'])))
      .run();
    if (changes === 0) return false;
    appendEvent(tx, ctx.clock, {
      kind: 'upload.discarded',
      projectId: upload.projectId,
      requestId: upload.requestId,
      audienceId: upload.requestId ? null : upload.userId,
      deliveredBy: upload.requestId ? upload.userId : null,
      actorId: ctx.person.id,
      data: { name: upload.path },
    });
    return true;
  });
  if (!discarded) throw new HubError('conflict', 'This upload has ended; there is nothing to discard.');
  await ctx.storage.removeIncoming(upload.id);
}

/** What keeps pages live that show the upload: its sender's, and those of its request. */
export function appendUploadEvent(
  tx: Parameters<typeof appendEvent>[0],
  ctx: Context,
  upload: Pick<Upload, 'id' | 'projectId' | 'requestId' | 'userId'>,
): void {
  appendEvent(tx, ctx.clock, {
    kind: 'upload.changed',
    projectId: upload.projectId,
    requestId: upload.requestId,
    audienceId: upload.requestId ? null : upload.userId,
    deliveredBy: upload.requestId ? upload.userId : null,
    data: { uploadId: upload.id },
  });
}

type Target = { projectId: string; folderId: string | null; requestId: string | null };

function targetOf(ctx: PersonContext, input: BeginUploadInput): Target {
  const target = {
    projectId: input.projectId,
    folderId: input.folderId ?? null,
    requestId: input.requestId ?? null,
  };
  requireUploadTarget(ctx.db, ctx.person, target);
  if (target.requestId) {
    const request = loadRequest(ctx.db, ctx.person, target.requestId, 'file:add');
    if (request.projectId !== target.projectId) throw notFound();
    const refusal = refuseContentAction('add', {
      status: request.status,
      withChecksum: isWithChecksum(request),
    });
    if (refusal) throw refused(ctx.db, request.id, refusal);
  }
  if (target.folderId) {
    const folder = loadEntry(ctx.db, ctx.person, target.folderId);
    if (folder.kind !== 'folder' || folder.projectId !== target.projectId) throw notFound();
  }
  return target;
}

/** Folders and name, each a name that can be kept. */
function segmentsOf({ filename, relativePath }: BeginUploadInput): string[] {
  requireName(filename);
  if (!relativePath) return [filename];
  const parsed = parseRelativePath(relativePath);
  if ('problem' in parsed) {
    const { segment, problem } = parsed;
    throw new HubError('name_invalid', describeNameProblem(problem), {
      name: segment.slice(0, 255),
      problem,
    });
  }
  if (parsed.segments.at(-1) !== filename) {
    throw new HubError('invalid_input', 'relativePath has to end with the name of the file.', {
      field: 'relativePath',
    });
  }
  return parsed.segments;
}

async function makePart(ctx: Context, uploadId: string): Promise<void> {
  const path = ctx.storage.incomingPath(uploadId);
  const file = await open(path, 'wx', 0o600);
  await file.close();
  await syncFolder(dirname(path));
}

/** What every live upload still needs is as good as taken. */
function requireSpace(db: Reader, ctx: Context, sizeBytes: number, freeBytes: number): void {
  const { maxUploadBytes, spaceReserveBytes } = ctx.limits;
  if (sizeBytes > maxUploadBytes) {
    throw new HubError('too_large', 'The file is larger than this hub takes.', { maxBytes: maxUploadBytes });
  }
  const reserved = db
    .select({ bytes: sql<number>`coalesce(sum(${uploads.sizeBytes} - ${uploads.durableOffset}), 0)` })
    .from(uploads)
    .where(eq(uploads.status, 'uploading'))
    .get()!.bytes;
  const available = Math.max(0, freeBytes - reserved - spaceReserveBytes);
  if (sizeBytes > available) {
    throw new HubError('no_space', 'There is not enough space for this file.', {
      neededBytes: sizeBytes,
      availableBytes: available,
    });
  }
}

function rowOf(
  ctx: PersonContext,
  id: string,
  input: BeginUploadInput,
  { projectId, requestId, folderId, path }: Target & { path: string },
): typeof uploads.$inferInsert {
  const declared = input.checksum ? parseChecksum(input.checksum) : null;
  const now = ctx.clock();
  return {
    ...{ id, projectId, requestId, folderId, path },
    pathKey: nameKey(path),
    userId: ctx.person.id,
    relativePath: input.relativePath ?? input.filename,
    sizeBytes: input.sizeBytes,
    modifiedAt: input.modifiedAt ?? null,
    replaces: input.replace,
    declaredAlgorithm: declared?.algorithm ?? null,
    declaredValue: declared?.value ?? null,
    status: 'uploading',
    createdAt: now,
    updatedAt: now,
  };
}

function seesFilesOfOthers(ctx: PersonContext, requestId: string): boolean {
  try {
    loadRequest(ctx.db, ctx.person, requestId, 'file:view');
    return true;
  } catch {
    return false;
  }
}

function viewOf(upload: Upload, name: string): UploadView {
  const isMismatch = upload.status === 'mismatch' && upload.declaredAlgorithm !== null;
  return {
    id: upload.id,
    uploadUrl: uploadUrlOf(upload.id),
    projectId: upload.projectId,
    folderId: upload.folderId,
    requestId: upload.requestId,
    filename: upload.path.slice(upload.path.lastIndexOf('/') + 1),
    relativePath: upload.relativePath,
    sizeBytes: upload.sizeBytes,
    durableBytes: upload.durableOffset,
    hashedBytes: upload.hashedOffset,
    modifiedAt: upload.modifiedAt,
    status: upload.status,
    by: { id: upload.userId, name },
    mismatch: isMismatch
      ? {
          algorithm: upload.declaredAlgorithm!,
          declared: upload.declaredValue!,
          computed: upload.computedValue ?? '',
        }
      : null,
    createdAt: upload.createdAt,
    updatedAt: upload.updatedAt,
  };
}
