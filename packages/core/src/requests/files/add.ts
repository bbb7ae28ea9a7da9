/** Adds files to a request: checks or replaces taken names, changes rows and counters together, and records one event. */
import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { deliveredFiles } from '@turnover/db/schema/requests';
import { uploads } from '@turnover/db/schema/uploads';
import { HubError } from '@turnover/domain/errors';
import { foldersAbove, nameKey } from '@turnover/domain/names/names';
import { storedLookAlikeKey } from '@turnover/domain/names/look-alikes';
import { framePlace } from '@turnover/domain/sequences/frame-paths';
import { refuseAction } from '@turnover/domain/requests/actions';
import { relationTo, requirePermission, type DeliveredFile, type DeliveryRequest } from '../../access.ts';
import type { Context, Person } from '../../context.ts';
import { appendEvent } from '../../events.ts';
import { changeCounters, hasLiveStage, namesPerEvent, takeOutFiles } from './remove.ts';
import { inList } from '../../in-list.ts';
import { areCorrectable } from '../../manifests/state.ts';
import { contentFacts, refused } from '../transitions.ts';

export type Delivery = {
  /** The full path in the request: folders and name, joined by `/`. */
  path: string;
  assetId: string;
  sizeBytes: number;
  isManifest: boolean;
  /** The keys of the path, if the caller computed them before the transaction. */
  keys?: PathKeys | undefined;
};

/** The stored columns by which a file is found: derived from its path. */
export type PathKeys = Pick<DeliveredFile, 'pathKey' | 'lookKey' | 'sequenceKey' | 'frame'>;

/** Computes the keys of a path. This takes longer than writing them: with thousands of files, call it before the transaction. */
export function keysOfPath(path: string): PathKeys {
  const place = framePlace(path) ?? { sequenceKey: null, frame: null };
  return { pathKey: nameKey(path), lookKey: storedLookAlikeKey(path), ...place };
}

type Terms = {
  deliveredBy: string;
  /** Whether to replace present files with the same names. */
  replace: boolean;
  /** Marks the event, so that the deliverer can undo the delivery with `undoAdd` as long as nothing else has changed. */
  fromWorkspace?: boolean;
};

/**
 * Adds the files, or throws and adds none when the request takes no files now or a name is taken. `request` must be read in this
 * transaction.
 */
export function addFiles(
  tx: Transaction,
  ctx: Pick<Context, 'clock' | 'newId'>,
  request: DeliveryRequest,
  deliveries: readonly Delivery[],
  { deliveredBy, replace, fromWorkspace = false }: Terms,
): { fileIds: string[]; replaced: number } {
  const { id: requestId } = request;
  const refusal = refuseAction('add', contentFacts(request));
  if (refusal) throw refused(tx, request, refusal, deliveredBy);
  const allKeys = deliveries.map(({ path, keys }) => keys ?? keysOfPath(path));
  const keys = allKeys.map(({ pathKey }) => pathKey);
  refuseRepeated(deliveries, keys);
  refuseFolderCollisions(tx, requestId, keys);
  const replaced = removeReplaced(tx, ctx, request, keys, { deliveredBy, replace });
  const fileIds = insertFiles(tx, ctx, request, deliveries, allKeys, deliveredBy);
  if (deliveries.length === 0) return { fileIds, replaced };
  changeCounters(tx, ctx, requestId, {
    files: deliveries.length,
    bytes: deliveries.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0),
    manifests: deliveries.filter(({ isManifest }) => isManifest).length,
  });
  appendEvent(tx, ctx.clock, {
    kind: 'file.added',
    projectId: request.projectId,
    requestId,
    deliveredBy,
    actorId: deliveredBy,
    data: {
      count: deliveries.length,
      names: deliveries.slice(0, namesPerEvent).map(({ path }) => path),
      ...(fromWorkspace && { fromWorkspace }),
    },
  });
  return { fileIds, replaced };
}

/** Throws `name_taken` when another file than `exceptId` or an upload has this path, or uses it as a folder. */
export function refuseTakenPath(db: Reader, requestId: string, path: string, exceptId: string): void {
  const key = nameKey(path);
  const [taken] = presentFiles(db, requestId, [key]).filter(({ id }) => id !== exceptId);
  if (taken) throw nameTaken(taken.path);
  refuseFolderCollisions(db, requestId, [key]);
  refuseUploading(db, requestId, [key]);
}

/** Throws `name_taken` when an unfinished upload into the request has one of these names. */
export function refuseUploading(db: Reader, requestId: string, keys: readonly string[]): void {
  const expected = db
    .select({ path: uploads.path })
    .from(uploads)
    .where(
      and(eq(uploads.requestId, requestId), eq(uploads.status, 'uploading'), inList(uploads.pathKey, keys)),
    )
    .limit(1)
    .get();
  if (expected) throw nameTaken(expected.path, { by: 'upload' });
}

/** Throws when an upload in progress is a folder of one of these paths, or one of these paths is a folder of its path. */
export function refuseUploadingFolder(db: Reader, requestId: string, keys: readonly string[]): void {
  const wanted = new Set(keys);
  const folders = new Set(keys.flatMap(foldersAbove));
  const expected = db
    .select({ path: uploads.path, key: uploads.pathKey })
    .from(uploads)
    .where(and(eq(uploads.requestId, requestId), eq(uploads.status, 'uploading')))
    .all();
  for (const { path, key } of expected) {
    if (folders.has(key)) throw nameTaken(path, { by: 'upload' });
    const folder = foldersAbove(key).find((each) => wanted.has(each));
    if (folder !== undefined) throw nameTaken(folderNamed(folder, path), { by: 'upload' });
  }
}

function refuseRepeated(deliveries: readonly Delivery[], keys: readonly string[]): void {
  const seen = new Set<string>();
  for (const [index, key] of keys.entries()) {
    if (seen.has(key)) throw nameTaken(deliveries[index]!.path);
    seen.add(key);
  }
}

/** Throws when one path is both a file and a folder of another path. */
function refuseFolderCollisions(db: Reader, requestId: string, keys: readonly string[]): void {
  const folders = new Set(keys.flatMap(foldersAbove));
  const added = keys.find((key) => folders.has(key));
  if (added !== undefined) throw nameTaken(added);
  const [file] = presentFiles(db, requestId, [...folders]);
  if (file) throw nameTaken(file.path);
  // '0' is the next character after '/', so the range from `key/` to `key0` holds every path in the folder. The cross join
  // makes SQLite search the index once for each name, instead of scanning all files.
  const inside = db.get<{ path: string; wanted: string } | undefined>(sql`
    select file.path, wanted.value as wanted from json_each(${JSON.stringify(keys)}) as wanted cross join ${deliveredFiles} as file
    where file.request_id = ${requestId} and file.removed_at is null
      and file.path_key > wanted.value || '/' and file.path_key < wanted.value || '0'
    limit 1`);
  // The error names only the folder: not everybody who may add files may see the files in it.
  if (inside) throw nameTaken(folderNamed(inside.wanted, inside.path));
}

/** The path of the folder with this key, spelled as in the path of a file in it. */
export function folderNamed(key: string, path: string): string {
  return path.split('/').slice(0, key.split('/').length).join('/');
}

/**
 * Removes the present files with these names if `replace` is set, otherwise throws. Checks that the deliverer may remove
 * them. Returns their number.
 */
function removeReplaced(
  tx: Transaction,
  ctx: Pick<Context, 'clock' | 'newId'>,
  request: DeliveryRequest,
  keys: readonly string[],
  { deliveredBy, replace }: Terms,
): number {
  const taken = presentFiles(tx, request.id, keys);
  if (taken.length === 0) return 0;
  if (!replace) throw nameTaken(taken[0]!.path, { count: taken.length });
  requirePermission('file:remove', relationTo(tx, personOf(tx, deliveredBy), request));
  const selection = { fileIds: taken.map(({ id }) => id) };
  const facts = contentFacts(request);
  const withChecksum = facts.withChecksum && !areCorrectable(tx, taken);
  const isProcessing = hasLiveStage(tx, request, selection);
  const refusal = refuseAction('remove', { ...facts, withChecksum, isProcessing });
  if (refusal) throw refused(tx, request, refusal, deliveredBy);
  return takeOutFiles(tx, ctx, request, selection, { removal: 'replaced', actorId: deliveredBy });
}

function insertFiles(
  tx: Transaction,
  ctx: Pick<Context, 'clock' | 'newId'>,
  request: DeliveryRequest,
  deliveries: readonly Delivery[],
  keys: readonly PathKeys[],
  deliveredBy: string,
): string[] {
  const rows = deliveries.map(({ path, assetId, isManifest }, index) => {
    const { pathKey, lookKey, sequenceKey, frame } = keys[index]!;
    const id = ctx.newId('deliveredFile');
    return [id, path, pathKey, assetId, isManifest ? 1 : 0, lookKey, sequenceKey, frame] as const;
  });
  // All rows go in as one JSON parameter: building 75,000 statements takes longer than writing the rows.
  tx.run(sql`
    insert into delivered_files (id, path, path_key, asset_id, is_manifest, look_key, sequence_key, frame,
      request_id, delivered_by, added_at, added_round)
    select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
      ${request.id}, ${deliveredBy}, ${ctx.clock()}, ${request.round}
    from json_each(${JSON.stringify(rows)})`);
  return rows.map(([id]) => id);
}

function presentFiles(
  db: Reader,
  requestId: string,
  keys: readonly string[],
): Pick<DeliveredFile, 'id' | 'path' | 'isManifest'>[] {
  const { id, path, isManifest } = deliveredFiles;
  return db
    .select({ id, path, isManifest })
    .from(deliveredFiles)
    .where(
      and(
        eq(deliveredFiles.requestId, requestId),
        isNull(deliveredFiles.removedAt),
        inList(deliveredFiles.pathKey, keys),
      ),
    )
    .orderBy(deliveredFiles.pathKey)
    .all();
}

function personOf(db: Reader, userId: string): Person {
  return db
    .select({
      id: users.id,
      email: users.email,
      name: users.name,
      companyId: users.companyId,
      isOwner: users.isOwner,
      locale: users.locale,
    })
    .from(users)
    .where(eq(users.id, userId))
    .get()!;
}

/** The error for a taken name. `by`: set when an unfinished upload has the name, because no list shows uploads. */
function nameTaken(name: string, { count = 1, by }: { count?: number; by?: 'upload' } = {}): HubError {
  const what = by ? 'an unfinished upload' : 'a file';
  return new HubError('name_taken', `There is already ${what} called “${name}”.`, {
    name,
    count,
    ...(by && { by }),
  });
}
