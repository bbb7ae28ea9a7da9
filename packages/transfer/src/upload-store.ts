// Gives @tus/server access to uploads: their rows in the database, through core. The stock FileStore is not extended: it
// takes the file size for the offset, keeps its state in files beside it and syncs nothing.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Upload } from '@turnover/core/access';
import type { PersonContext } from '@turnover/core/context';
import { audited } from '@turnover/core/audit/record';
import { finishUpload } from '@turnover/core/uploads/completion';
import { loadUpload, loadUploadToDiscard } from '@turnover/core/uploads/access';
import { beginUpload, discardUpload, endUploadAddress } from '@turnover/core/uploads/uploads';
import { HubError, notFound } from '@turnover/domain/errors';
import { uploadIdPattern } from '@turnover/domain/workspace/uploads';
import { lastSegment } from '@turnover/domain/names/names';
import { DataStore, Upload as TusUpload } from '@tus/utils';
import { beginInputOf } from './upload-metadata.ts';

/** The person, and the metadata header as it arrived, because @tus/server passes on only its parsed form. */
export type Asking = { ctx: PersonContext; metadata: string | undefined };

export class UploadStore extends DataStore {
  readonly #asking = new AsyncLocalStorage<Asking>();

  constructor() {
    super();
    this.extensions = ['creation', 'creation-with-upload', 'termination', 'checksum', 'checksum-trailer'];
  }

  /** Runs `work` with all its calls to the store made by this person. */
  actAs<Result>(asking: Asking, work: () => Promise<Result>): Promise<Result> {
    return this.#asking.run(asking, work);
  }

  override async create(upload: TusUpload): Promise<TusUpload> {
    const { ctx, metadata } = this.#current();
    const { uploadId } = await beginUpload(ctx, beginInputOf(metadata, upload.size), metadata);
    upload.id = uploadId;
    return upload;
  }

  override async getUpload(id: string): Promise<TusUpload> {
    const { ctx } = this.#current();
    const upload = closeGap(ctx, requireLive(authorizeUpload(ctx, id)));
    return new TusUpload({
      id,
      size: upload.sizeBytes,
      offset: upload.durableOffset,
      metadata: metadataOf(upload),
      creation_date: new Date(upload.createdAt).toISOString(),
    });
  }

  override async remove(id: string): Promise<void> {
    const { ctx } = this.#current();
    const upload = requireLive(loadToEnd(ctx, id));
    // The file of a finished upload stays. It has its own permissions and its own way to be deleted.
    if (hasEnded(upload)) endUploadAddress(ctx, upload);
    else await discardUpload(discarding(ctx, upload), upload);
  }

  #current(): Asking {
    const asking = this.#asking.getStore();
    if (!asking) throw new HubError('unauthenticated', 'Sign in and continue.');
    return asking;
  }
}

/** The discard leaves the entry that `uploads.discard` of the API leaves. */
function discarding(ctx: PersonContext, { id, projectId }: Upload): PersonContext {
  const { person } = ctx;
  return audited(ctx, () => ({ action: 'uploads.discard', actor: person, projectId, subject: id }));
}

/** Loads the person's own upload. A missing upload, another person's and one they lost access to all look the same. */
export function authorizeUpload(ctx: PersonContext, uploadId: string): Upload {
  if (!uploadIdPattern.test(uploadId)) throw notFound();
  try {
    return loadUpload(ctx.db, ctx, uploadId);
  } catch (error) {
    if (error instanceof HubError && error.code === 'forbidden') throw notFound();
    throw error;
  }
}

/** Loads the person's own upload to end it, even when the request no longer accepts files. */
export function loadToEnd(ctx: PersonContext, uploadId: string): Upload {
  if (!uploadIdPattern.test(uploadId)) throw notFound();
  const upload = loadUploadToDiscard(ctx.db, ctx, uploadId);
  if (upload.userId !== ctx.person.id) throw notFound();
  return upload;
}

function hasEnded({ status }: Upload): boolean {
  return status === 'verifying' || status === 'complete';
}

/** Rejects uploads that failed or were discarded. A finished one stays readable until its sender deletes its address. */
export function requireLive(upload: Upload): Upload {
  if (upload.status === 'discarded' || upload.addressEndedAt !== null) {
    throw new HubError('upload_gone', 'This upload was discarded.');
  }
  if (upload.status === 'mismatch') {
    throw new HubError(
      'checksum_mismatch',
      'The bytes that came do not have the checksum that was declared.',
      {
        algorithm: upload.declaredAlgorithm,
        declared: upload.declaredValue,
        computed: upload.computedValue,
      },
    );
  }
  return upload;
}

/** Finishes an upload whose process died between the last byte and the commit, before a client learns that it is complete. */
export function closeGap(ctx: PersonContext, upload: Upload): Upload {
  if (upload.status !== 'uploading' || upload.durableOffset < upload.sizeBytes) return upload;
  finishUpload(ctx, upload.id);
  return requireLive(authorizeUpload(ctx, upload.id));
}

/** Builds metadata for an upload that was begun through the API, where no client sent any. */
function metadataOf({ path, relativePath, projectId, requestId, folderId }: Upload): Record<string, string> {
  const metadata: Record<string, string> = {
    filename: lastSegment(path),
    relativePath,
    projectId,
  };
  if (requestId) metadata.requestId = requestId;
  if (folderId) metadata.folderId = folderId;
  return metadata;
}
