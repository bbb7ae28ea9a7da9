/**
 * Hashes of the bytes that the hub has of an unfinished upload. A client compares its file with them before it sends the
 * rest.
 */
import { createXXHash128 } from 'hash-wasm';
import { standardAlgorithm } from '@turnover/domain/media/checksums';
import { HubError } from '@turnover/domain/errors';
import { samplesOf } from '@turnover/domain/workspace/upload-samples';
import type { UploadFingerprintView } from '@turnover/domain/workspace/uploads';
import type { Upload } from '../access.ts';
import type { Context } from '../context.ts';

/** Hashes parts of the received bytes; reads 1 MiB at most. Throws `upload_gone` for an upload that has ended. */
export async function fingerprintUpload(ctx: Context, upload: Upload): Promise<UploadFingerprintView> {
  if (upload.status !== 'uploading') throw gone();
  const { durableOffset: bytes } = upload;
  return { bytes, sampled: await hashSamples(ctx, upload.id, bytes), whole: await hashOfAll(upload) };
}

async function hashSamples({ storage }: Context, uploadId: string, bytes: number): Promise<string> {
  const hasher = (await createXXHash128()).init();
  const file = await storage.openIncoming(uploadId).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? gone() : error;
  });
  try {
    for (const { from, to } of samplesOf(bytes)) {
      const buffer = Buffer.allocUnsafe(to - from);
      const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
      if (bytesRead < buffer.length) throw gone();
      hasher.update(buffer);
    }
  } finally {
    await file.close();
  }
  return hasher.digest();
}

/** The hash of all hashed bytes. It comes from the hash state that the worker stores in the row, so no bytes are read. */
async function hashOfAll({
  hashedOffset: bytes,
  hashState,
}: Upload): Promise<UploadFingerprintView['whole']> {
  const state = hashState?.[standardAlgorithm];
  if (!state) return null;
  const hasher = (await createXXHash128()).init();
  return { bytes, xxh128: hasher.load(Buffer.from(state, 'base64')).digest() };
}

function gone(): HubError {
  return new HubError('upload_gone', 'This upload has ended.');
}
