/** Checks where an upload goes: access to the target, the names of its path, and whether they are free. */
import { and, eq, isNull } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { deliveredFiles } from '@turnover/db/schema/requests';
import { HubError, notFound } from '@turnover/domain/errors';
import { lastSegment, nameKey } from '@turnover/domain/names/names';
import { numberedName } from '@turnover/domain/names/numbered-names';
import { requireRelativePath } from '@turnover/domain/names/refused-names';
import { demandsStrictNames } from '@turnover/domain/rules/request-types';
import { decide } from '@turnover/domain/people/permissions';
import { refuseAction, type ContentAction } from '@turnover/domain/requests/actions';
import type { BeginUploadInput, TakenChoice } from '@turnover/domain/workspace/uploads';
import { loadRequest, relationTo, type DeliveredFile, type DeliveryRequest } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { refuseTakenPath, refuseUploading, refuseUploadingFolder } from '../requests/files/add.ts';
import { areCorrectable } from '../manifests/state.ts';
import { contentFacts, refused } from '../requests/transitions.ts';
import { rulesOf } from '../requests/types.ts';
import { refuseSystemFile } from '../requests/rule-checks.ts';
import { requirePlace } from './access.ts';
import {
  freeName,
  makeFolders,
  nameTaken,
  placeFor,
  requireDepth,
  requireName,
  takenName,
} from '../entries/places.ts';
import type { Place } from '../entries/lookup.ts';

/** The loaded and checked target: a request, or a place in a Workspace. */
export type UploadTarget = { projectId: string } & (
  { request: DeliveryRequest; place: null } | { request: null; place: Place }
);

/** Throws unless the person may put a file there now. */
export function requireTarget(db: Reader, ctx: PersonContext, input: BeginUploadInput): UploadTarget {
  const { projectId, folderId = null, requestId = null } = input;
  if (!requestId) {
    return { projectId, request: null, place: requirePlace(db, ctx, projectId, folderId) };
  }
  const request = loadRequest(db, ctx.person, requestId, 'file:add');
  if (request.projectId !== projectId) throw notFound();
  requireContentAction(db, ctx.person.id, request, 'add');
  if (folderId) placeFor(db, ctx, projectId, folderId);
  return { projectId, request, place: null };
}

/** Splits the path into its folders and its name. Throws `name_invalid` for names that are not allowed. */
export function requireSegments({
  filename,
  relativePath,
  requestId,
}: Pick<BeginUploadInput, 'filename' | 'relativePath' | 'requestId'>): string[] {
  // Before the name check: there is no point in suggesting a better name for litter.
  if (requestId) refuseSystemFile(relativePath ?? filename);
  if (!relativePath) requireName(filename);
  if (!relativePath) return [filename];
  const segments = requireRelativePath(relativePath);
  if (segments.at(-1) !== filename) {
    throw new HubError('invalid_input', 'relativePath must end with the name of the file.', {
      field: 'relativePath',
    });
  }
  return segments;
}

/**
 * Finds the name for the upload. Throws unless the name is free, or `choice` allows replacing or renaming. Creates missing folders
 * in a Workspace. In a request, folders are part of the path.
 */
export function claimPlace(
  tx: Transaction,
  ctx: PersonContext,
  { request, place }: UploadTarget,
  segments: readonly string[],
  choice: TakenChoice,
): { folderId: string | null; path: string } {
  if (request) {
    const wanted = segments.join('/');
    const path = choice === 'keepBoth' ? freePathIn(tx, request, wanted) : wanted;
    refusePathInRequest(tx, ctx, request, path, choice === 'replace');
    return { folderId: null, path };
  }
  requireDepth(tx, place.folderId, segments.length);
  const name = segments.at(-1)!;
  const madeId = makeFolders(tx, ctx, place, segments.slice(0, -1), ctx.person.id);
  const here = { ...place, folderId: madeId };
  if (choice === 'keepBoth') {
    return { folderId: madeId, path: freeName(tx, here, name, { besideUploads: true }) };
  }
  const taken = takenName(tx, here, name);
  // An upload in progress does not prevent a replacement: the one that ends later gets the name, the other becomes its
  // version.
  const isReplaceable = choice === 'replace' && (taken?.entry?.kind ?? 'file') === 'file';
  if (taken && !isReplaceable) throw nameTaken(taken.name, taken.upload && 'upload');
  return { folderId: madeId, path: name };
}

/** The highest number tried for a free name, far above real folders. After it, the name is refused as taken. */
const maxNumbered = 1000;

/** The path, or the first of `name (2).mov`, `name (3).mov` … that no file and no upload of the request has. */
function freePathIn(db: Reader, request: DeliveryRequest, wanted: string): string {
  const naming = { strict: demandsStrictNames(rulesOf(db, request)) };
  const [folder, name] = [wanted.slice(0, wanted.lastIndexOf('/') + 1), lastSegment(wanted)];
  for (let number = 1; number <= maxNumbered; number++) {
    const path = folder + (number === 1 ? name : numberedName(name, number, naming));
    if (isFreePath(db, request.id, path)) return path;
  }
  return wanted;
}

function isFreePath(db: Reader, requestId: string, path: string): boolean {
  try {
    refuseTakenPath(db, requestId, path, '');
    refuseUploadingFolder(db, requestId, [nameKey(path)]);
    return true;
  } catch (error) {
    if (error instanceof HubError && error.code === 'name_taken') return false;
    throw error;
  }
}

/** Throws when the path is taken. With `replace`, the present file may stay if this person may remove it now. */
function refusePathInRequest(
  tx: Transaction,
  ctx: PersonContext,
  request: DeliveryRequest,
  path: string,
  replace: boolean,
): void {
  const { id: requestId } = request;
  const key = nameKey(path);
  const here = and(eq(deliveredFiles.requestId, requestId), isNull(deliveredFiles.removedAt));
  const present = tx
    .select()
    .from(deliveredFiles)
    .where(and(here, eq(deliveredFiles.pathKey, key)))
    .get();
  if (present && replace) {
    // Without that permission the answer is `name_taken`, which also hides files that the person may not see.
    if (!mayRemove(tx, ctx, request, present)) throw nameTaken(present.path);
    requireReplaceable(tx, ctx.person.id, request, present);
    refuseUploading(tx, requestId, [key]);
  } else refuseTakenPath(tx, requestId, path, '');
  refuseUploadingFolder(tx, requestId, [key]);
}

/** Whether the person may put another file in the place of this one now. */
export function mayReplace(
  db: Reader,
  ctx: PersonContext,
  request: DeliveryRequest,
  file: DeliveredFile,
): boolean {
  return mayRemove(db, ctx, request, file) && refusalToReplace(db, request, file) === null;
}

function mayRemove(db: Reader, ctx: PersonContext, request: DeliveryRequest, file: DeliveredFile): boolean {
  const deliveredIt = file.deliveredBy === ctx.person.id;
  return decide('file:remove', { ...relationTo(db, ctx.person, request), deliveredIt }) === 'granted';
}

function requireReplaceable(
  db: Reader,
  readerId: string,
  request: DeliveryRequest,
  file: DeliveredFile,
): void {
  const refusal = refusalToReplace(db, request, file);
  if (refusal) throw refused(db, request, refusal, readerId);
}

function refusalToReplace(db: Reader, request: DeliveryRequest, file: DeliveredFile) {
  const facts = contentFacts(request);
  const withChecksum = facts.withChecksum && !areCorrectable(db, [file]);
  return refuseAction('remove', { ...facts, withChecksum });
}

function requireContentAction(
  db: Reader,
  readerId: string,
  request: DeliveryRequest,
  action: ContentAction,
): void {
  const refusal = refuseAction(action, contentFacts(request));
  if (refusal) throw refused(db, request, refusal, readerId);
}
