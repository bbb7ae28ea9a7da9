/** Places in a Workspace: free and taken names, and the folders that an upload creates. */
import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { uploads } from '@turnover/db/schema/uploads';
import { HubError } from '@turnover/domain/errors';
import { maxPathDepth, nameKey, nameProblem } from '@turnover/domain/names/names';
import { numberedName } from '@turnover/domain/names/numbered-names';
import { nameInvalid } from '@turnover/domain/names/refused-names';
import type { Entry } from '../access.ts';
import type { Context } from '../context.ts';
import { entriesAbove, loadFolder, type Asker } from './access.ts';
import { findEntry, findSequence, type Place } from './lookup.ts';
import { insertFolderChain } from './tree.ts';
import { appendEvent } from '../events.ts';

export function requireName(name: string): void {
  const problem = nameProblem(name);
  if (problem) throw nameInvalid(name, problem);
}

/** Throws `name_invalid` when `levels` more folder levels below the folder exceed the allowed depth. */
export function requireDepth(db: Reader, folderId: string | null, levels: number): void {
  const path = entriesAbove(db, folderId).filter(({ kind }) => kind === 'folder');
  if (path.length + levels > maxPathDepth) throw nameInvalid(path[0]?.name ?? '', 'too_deep');
}

/** As `requireDepth`, for an entry that moves there with everything in it. */
export function requireDepthOf(db: Reader, folderId: string | null, entry: Pick<Entry, 'id' | 'kind'>): void {
  if (entry.kind === 'folder') requireDepth(db, folderId, 1 + depthBelow(db, entry.id));
}

/** The place where the person may put something: their own root, or a folder that they own or may update. */
export function placeFor(db: Reader, asker: Asker, projectId: string, folderId: string | null): Place {
  if (folderId === null) return { projectId, ownerId: asker.person.id, folderId };
  const { ownerId } = loadFolder(db, asker, projectId, folderId);
  return { projectId, ownerId, folderId };
}

/** As `placeFor`, but returns the root of the person's own Workspace when the folder is in the trash. */
export function placeOrRoot(db: Reader, asker: Asker, projectId: string, folderId: string | null): Place {
  try {
    return placeFor(db, asker, projectId, folderId);
  } catch (error) {
    const isGone = error instanceof HubError && error.code === 'changed_meanwhile';
    if (!isGone) throw error;
    return { projectId, ownerId: asker.person.id, folderId: null };
  }
}

/** What prevents the entry from getting its name in the place; null when the name is free. */
export function takenAt(db: Reader, place: Place, entry: Pick<Entry, 'id' | 'kind' | 'name'>): Taken | null {
  if (entry.kind !== 'sequence') return takenName(db, place, entry.name, entry.id);
  // Replacing a single frame would join the sequence, and an undo could not separate it again.
  const [first, second] = findSequence(db, place, entry.name, entry.id);
  if (!first) return null;
  // Several entries cannot be replaced at once.
  return { name: first.name, entry: second ? undefined : first, upload: undefined };
}

type Taken = { name: string; entry: Entry | undefined; upload: typeof uploads.$inferSelect | undefined };

/** What has this name in the place: an entry, or an upload that will get it. Null when the name is free. */
export function takenName(db: Reader, place: Place, name: string, exceptId?: string): Taken | null {
  const entry = findEntry(db, place, name);
  if (entry && entry.id !== exceptId) return { name: entry.name, entry, upload: undefined };
  const isNamed = eq(uploads.pathKey, nameKey(name));
  const upload = db
    .select()
    .from(uploads)
    .where(and(uploadsTo(place), isNamed))
    .limit(1)
    .get();
  return upload ? { name: upload.path, entry: undefined, upload } : null;
}

export function refuseTakenName(db: Reader, place: Place, name: string, exceptId?: string): void {
  const taken = takenName(db, place, name, exceptId);
  if (taken) throw nameTaken(taken.name, taken.upload && 'upload');
}

type FreeNameOptions = { kind?: Entry['kind']; besideUploads?: boolean };

/**
 * The name, or the first of `name (2).mov`, `name (3).mov` … that no entry has; with `besideUploads`, also no upload in
 * progress. A frame keeps its number.
 */
export function freeName(
  db: Reader,
  place: Place,
  name: string,
  { kind = 'file', besideUploads = false }: FreeNameOptions = {},
): string {
  const isFree = (candidate: string) => {
    if (kind === 'sequence') return findSequence(db, place, candidate).length === 0;
    return besideUploads ? !takenName(db, place, candidate) : !findEntry(db, place, candidate);
  };
  let candidate = name;
  for (let number = 2; !isFree(candidate); number++) candidate = numberedName(name, number, { kind });
  return candidate;
}

/** The folder at the end of `names`. Creates missing folders; throws `name_taken` when a file is in the way. */
export function makeFolders(
  tx: Transaction,
  ctx: Context,
  place: Place,
  names: readonly string[],
  by: string,
): string | null {
  let folderId = place.folderId;
  for (const [index, name] of names.entries()) {
    const here = { ...place, folderId };
    const present = findEntry(tx, here, name);
    if (present?.kind === 'folder') {
      folderId = present.id;
      continue;
    }
    refuseTakenName(tx, here, name);
    // The new folder has nothing below it and no page shows it yet, so only its parent is signalled.
    signalWorkspace(tx, ctx, here);
    return insertFolderChain(tx, ctx, here, names.slice(index), { by });
  }
  return folderId;
}

type FolderPlace = { projectId: string; ownerId: string; folderId?: string | null };

/** Reloads the pages of the owner and of everybody with access to the folder through a share. */
export function signalWorkspace(
  tx: Transaction,
  ctx: Pick<Context, 'clock'>,
  { projectId, ownerId, folderId = null }: FolderPlace,
): void {
  for (const audienceId of watchersOf(tx, ownerId, folderId)) {
    appendEvent(tx, ctx.clock, { kind: 'workspace.changed', projectId, audienceId });
  }
}

/** As `signalWorkspace`, for many entries of one project. Signals each person once. */
export function signalWatchers(
  tx: Transaction,
  ctx: Pick<Context, 'clock'>,
  projectId: string,
  changed: readonly Entry[],
): void {
  const audience = new Set(changed.flatMap(({ ownerId, id }) => [...watchersOf(tx, ownerId, id)]));
  for (const audienceId of audience) {
    appendEvent(tx, ctx.clock, { kind: 'workspace.changed', projectId, audienceId });
  }
}

function watchersOf(db: Reader, ownerId: string, folderId: string | null): Set<string> {
  const grantees = db.all<{ id: string }>(sql`
    with recursive above(id) as (
      select ${folderId}
      union all
      select parent_id from above join entries using (id) where parent_id is not null
    )
    select distinct grantee_id as id from above cross join shares on shares.entry_id = above.id
    where revoked_at is null and grantee_id is not null`);
  return new Set([ownerId, ...grantees.map(({ id }) => id)]);
}

/** Reloads the pages that list these entries: each folder once, and the share lists that contain one of them. */
export function signalEntries(tx: Transaction, ctx: Pick<Context, 'clock'>, changed: readonly Entry[]): void {
  const folders = Map.groupBy(changed, ({ parentId }) => parentId);
  for (const [folderId, [first]] of folders) signalWorkspace(tx, ctx, { ...first!, folderId });
  for (const entry of changed)
    if (entry.shareCount > 0) signalWorkspace(tx, ctx, { ...entry, folderId: entry.id });
}

/** The error for a taken name. It states when an unfinished upload has the name, because no list shows uploads. */
export function nameTaken(name: string, by?: 'upload'): HubError {
  const what = by ? 'an unfinished upload' : 'something';
  return new HubError('name_taken', `There is already ${what} called “${name}”.`, {
    name,
    ...(by && { by }),
  });
}

/** The number of folder levels below the folder. */
function depthBelow(db: Reader, folderId: string): number {
  const row = db.get<{ level: number }>(sql`
    with recursive below(id, level) as (
      select ${folderId}, 0
      union all
      select child.id, below.level + 1 from below join entries as child on child.parent_id = below.id
      where child.kind = 'folder' and child.deleted_at is null
    )
    select max(level) as level from below`);
  return row.level;
}

/**
 * An SQL condition: the upload is unfinished, and its file will be in the place. Only the owner uploads to a root;
 * several people may upload to a folder.
 */
export function uploadsTo({ projectId, ownerId, folderId }: Place) {
  const isComing = and(isNull(uploads.requestId), eq(uploads.status, 'uploading'));
  if (folderId !== null) return and(isComing, eq(uploads.folderId, folderId));
  const isTheirs = and(eq(uploads.projectId, projectId), eq(uploads.userId, ownerId));
  return and(isComing, isTheirs, isNull(uploads.folderId));
}
