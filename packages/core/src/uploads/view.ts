/** Views of uploads. */
import { uploadUrlOf, type UploadView } from '@turnover/domain/workspace/uploads';
import { lastSegment } from '@turnover/domain/names/names';
import type { Upload } from '../access.ts';

/** `name`: display name of the sender. */
export function viewUpload(upload: Upload, name: string): UploadView {
  return {
    id: upload.id,
    uploadUrl: uploadUrlOf(upload.id),
    projectId: upload.projectId,
    folderId: upload.folderId,
    requestId: upload.requestId,
    filename: lastSegment(upload.path),
    relativePath: upload.relativePath,
    sizeBytes: upload.sizeBytes,
    durableBytes: upload.durableOffset,
    hashedBytes: upload.hashedOffset,
    modifiedAt: upload.modifiedAt,
    status: upload.status,
    reservedUntil: upload.status === 'uploading' ? upload.reservedUntil : null,
    by: { id: upload.userId, name },
    mismatch: mismatchOf(upload),
    createdAt: upload.createdAt,
    updatedAt: upload.updatedAt,
  };
}

function mismatchOf(upload: Upload): UploadView['mismatch'] {
  const { status, declaredAlgorithm: algorithm, declaredValue: declared, computedValue: computed } = upload;
  if (status !== 'mismatch' || algorithm === null || declared === null || computed === null) return null;
  return { algorithm, declared, computed };
}
