/** Loads uploads after checking access: who loses access to the target loses access to the upload too. */
import { eq } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { uploads } from '@turnover/db/schema/uploads';
import { notFound } from '@turnover/domain/errors';
import { loadProject, loadRequest, roleIn, type DeliveryRequest, type Upload } from '../access.ts';
import { requireFolderAccess, type Asker } from '../entries/access.ts';
import { placeFor } from '../entries/places.ts';
import type { Place } from '../entries/lookup.ts';

/** Loads the person's own upload, so that they can continue it. Throws `not_found` for other people's uploads. */
export function loadUpload(db: Reader, asker: Asker, uploadId: string): Upload {
  const upload = db.select().from(uploads).where(eq(uploads.id, uploadId)).get();
  if (!upload || upload.userId !== asker.person.id) throw notFound();
  requireUploadTarget(db, asker, upload);
  return upload;
}

/** Loads an upload so that its uploader, or somebody who may remove files from its request, can discard it. */
export function loadUploadToDiscard(db: Reader, { person }: Asker, uploadId: string): Upload {
  const upload = db.select().from(uploads).where(eq(uploads.id, uploadId)).get();
  if (upload?.userId === person.id) {
    if (roleIn(db, person, upload.projectId) === null) throw notFound();
    return upload;
  }
  if (!upload?.requestId) throw notFound();
  loadRequest(db, person, upload.requestId, 'file:clear');
  return upload;
}

/** Returns the folder of a Workspace for a new upload. Throws unless the person may put a file there. */
export function requirePlace(db: Reader, asker: Asker, projectId: string, folderId: string | null): Place {
  loadProject(db, asker.person, projectId, 'workspace:use');
  return placeFor(db, asker, projectId, folderId);
}

/**
 * Throws unless the person may put files into the target: `file:add` in a request, otherwise access to the folder. Returns the
 * request, or null for a Workspace.
 */
export function requireUploadTarget(
  db: Reader,
  asker: Asker,
  target: Pick<Upload, 'projectId' | 'requestId' | 'folderId'>,
): DeliveryRequest | null {
  if (target.requestId) return loadRequest(db, asker.person, target.requestId, 'file:add');
  loadProject(db, asker.person, target.projectId, 'workspace:use');
  if (target.folderId) requireFolderAccess(db, asker, target.folderId);
  return null;
}
