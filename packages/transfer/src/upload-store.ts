// What @tus/server knows of an upload: the row in the database, through core. Nothing of the stock FileStore is worth
// inheriting: it takes the size of the file for the offset, keeps its state in files beside it and syncs nothing.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Upload } from '@turnover/core/access';
import type { PersonContext } from '@turnover/core/context';
import { finishUpload } from '@turnover/core/upload-completion';
import { beginUpload, discardUpload } from '@turnover/core/uploads';
import { loadUpload } from '@turnover/core/upload-access';
import { HubError, notFound } from '@turnover/domain/errors';
import { beginUploadInput, uploadIdPattern, type BeginUploadInput } from '@turnover/domain/uploads';
import { DataStore, Upload as TusUpload } from '@tus/utils';

export class UploadStore extends DataStore {
  readonly #acting = new AsyncLocalStorage<PersonContext>();

  constructor() {
    super();
    this.extensions = ['creation', 'creation-with-upload', 'termination', 'checksum', 'checksum-trailer'];
  }

  /** Everything asked of the store within `work` is asked by this person. */
  actAs<Result>(ctx: PersonContext, work: () => Promise<Result>): Promise<Result> {
    return this.#acting.run(ctx, work);
  }

  override async create(upload: TusUpload): Promise<TusUpload> {
    const { uploadId } = await beginUpload(this.#actor(), beginInputOf(upload));
    upload.id = uploadId;
    return upload;
  }

  override async getUpload(id: string): Promise<TusUpload> {
    const ctx = this.#actor();
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
    const ctx = this.#actor();
    const upload = authorizeUpload(ctx, id);
    if (upload.status !== 'discarded') await discardUpload(ctx, upload);
  }

  #actor(): PersonContext {
    const ctx = this.#acting.getStore();
    if (!ctx) throw new HubError('unauthenticated', 'Sign in and continue.');
    return ctx;
  }
}

/** The person's own upload. What does not exist, is somebody else's or is no longer theirs looks all the same. */
export function authorizeUpload(ctx: PersonContext, uploadId: string): Upload {
  if (!uploadIdPattern.test(uploadId)) throw notFound();
  try {
    return loadUpload(ctx.db, ctx, uploadId);
  } catch (error) {
    if (error instanceof HubError && error.code === 'forbidden') throw notFound();
    throw error;
  }
}

/** Refuses what has ended badly; what has ended well may be asked about for ever. */
export function requireLive(upload: Upload): Upload {
  if (upload.status === 'discarded') throw new HubError('upload_gone', 'This upload was discarded.');
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

/** Finishes what lost its process between the last byte and the commit: nobody may be told "all there" before. */
export function closeGap(ctx: PersonContext, upload: Upload): Upload {
  if (upload.status !== 'uploading' || upload.durableOffset < upload.sizeBytes) return upload;
  finishUpload(ctx, upload.id);
  return requireLive(authorizeUpload(ctx, upload.id));
}

function beginInputOf({ size, metadata = {} }: TusUpload): BeginUploadInput {
  const given = Object.entries(metadata).filter(([, value]) => value !== null);
  const { replace, ...rest } = Object.fromEntries(given);
  const input = beginUploadInput.safeParse({ ...rest, replace: replace === 'true', sizeBytes: size });
  if (input.success) return input.data;
  const [issue] = input.error.issues;
  throw new HubError('invalid_input', `Upload-Metadata: ${issue?.path.join('.')}: ${issue?.message}`);
}

function metadataOf({ path, relativePath, projectId, requestId, folderId }: Upload): Record<string, string> {
  const metadata: Record<string, string> = {
    filename: path.slice(path.lastIndexOf('/') + 1),
    relativePath,
    projectId,
  };
  if (requestId) metadata.requestId = requestId;
  if (folderId) metadata.folderId = folderId;
  return metadata;
}
