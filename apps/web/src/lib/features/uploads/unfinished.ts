/** Finds the unfinished upload of a chosen file, so that only the missing part is sent. */
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
  const alike = uploads.filter(
    (upload) => goesTo(upload, target, chosen) && isAlike(upload, chosen.file, nameOf(chosen)),
  );
  return alike.find(({ modifiedAt }) => modifiedAt === chosen.file.lastModified) ?? alike[0];
}

/**
 * Returns true when name and size match the upload; `same-bytes.ts` compares the content. The date may differ, because
 * a copy on another computer often has its own. The sender's file name counts, because the upload may have got another
 * name when its own was taken.
 */
export function isAlike(upload: Begun, file: File, name = file.name): boolean {
  return (
    upload.status === 'uploading' &&
    lastSegment(upload.relativePath || upload.filename) === name &&
    upload.sizeBytes === file.size
  );
}

/**
 * Returns true when the upload goes to the target. A file of a dropped folder is in the folder that was created for it,
 * not in the drop target.
 */
function goesTo(upload: Begun, target: Target, { relativePath }: ChosenFile): boolean {
  const isNested = relativePath.includes('/');
  return (
    upload.projectId === target.projectId &&
    upload.requestId === target.requestId &&
    (isNested || upload.folderId === target.folderId) &&
    (upload.relativePath || upload.filename) === relativePath
  );
}
