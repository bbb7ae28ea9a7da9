/** Recognises a chosen file whose upload the server has begun, so that only the missing part is sent. */
import type { UploadView } from '@turnover/domain/workspace/uploads';
import { lastSegment } from '@turnover/domain/names/names';
import { nameOf, type ChosenFile, type Target } from './target.ts';

type Begun = Pick<
  UploadView,
  'projectId' | 'folderId' | 'requestId' | 'filename' | 'relativePath' | 'sizeBytes' | 'modifiedAt' | 'status'
>;

export function findUnfinished<Upload extends Begun>(
  uploads: readonly Upload[],
  target: Target,
  chosen: ChosenFile,
): Upload | undefined {
  return uploads.find(
    (upload) => goesTo(upload, target, chosen) && isSameFile(upload, chosen.file, nameOf(chosen)),
  );
}

/**
 * Whether this is probably the file of the upload; does not read its content. The sender's name counts: the upload may have got
 * another one, because its own was taken.
 */
export function isSameFile(upload: Begun, file: File, name = file.name): boolean {
  return (
    upload.status === 'uploading' &&
    lastSegment(upload.relativePath || upload.filename) === name &&
    upload.sizeBytes === file.size &&
    (upload.modifiedAt === null || upload.modifiedAt === file.lastModified)
  );
}

/** A file of a dropped folder lies in the folder that was made for it, not in the drop target. */
function goesTo(upload: Begun, target: Target, { relativePath }: ChosenFile): boolean {
  const isNested = relativePath.includes('/');
  return (
    upload.projectId === target.projectId &&
    upload.requestId === target.requestId &&
    (isNested || upload.folderId === target.folderId) &&
    (upload.relativePath || upload.filename) === relativePath
  );
}
