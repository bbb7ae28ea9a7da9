/** Names and folders of a Workspace: what is free, what is there, and folders made on the way to a dropped file. */
import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { entries } from '@turnover/db/schema/entries';
import { uploads } from '@turnover/db/schema/uploads';
import { HubError } from '@turnover/domain/errors';
import {
  describeNameProblem,
  maxPathDepth,
  nameKey,
  nameProblem,
  type NameProblem,
} from '@turnover/domain/names';
import { loadEntry, type Entry } from './access.ts';
import type { Context, Person } from './context.ts';
import { appendEvent } from './events.ts';

/** One folder of one person's Workspace; `folderId` null is its root. */
export type Place = { projectId: string; ownerId: string; folderId: string | null };

export function requireName(name: string): void {
  const problem = nameProblem(name);
  if (problem) throw nameInvalid(name, problem);
}

/** Throws when `levels` more below the folder are deeper than anything may lie. */
export function requireDepth(db: Reader, folderId: string | null, levels: number): void {
  const path = pathTo(db, folderId);
  if (path.length + levels > maxPathDepth) throw nameInvalid(path.at(-1)?.name ?? '', 'too_deep');
}

/** From the root to the folder, both ends included; empty at the root. One statement: folders may be 250 deep. */
export function pathTo(db: Reader, folderId: string | null): { id: string; name: string }[] {
  return db.all(sql`
    with recursive above(id, name, parent_id, level) as (
      select id, name, parent_id, 0 from entries where id = ${folderId}
      union all
      select parent.id, parent.name, parent.parent_id, above.level + 1
      from above join entries as parent on parent.id = above.parent_id
    )
    select id, name from above order by level desc`);
}

/** The folder, or the root when it went to the trash. */
export function folderOrRoot(db: Reader, owner: Person, folderId: string | null): string | null {
  if (folderId === null) return null;
  try {
    return loadEntry(db, owner, folderId).id;
  } catch (error) {
    if (error instanceof HubError && error.code === 'not_found') return null;
    throw error;
  }
}

export function findEntry(db: Reader, place: Place, name: string): Entry | undefined {
  return db
    .select()
    .from(entries)
    .where(and(inPlace(place), eq(entries.nameKey, nameKey(name)), isNull(entries.deletedAt)))
    .get();
}

/** Throws when an entry has this name, or an upload that is on its way to the place. */
export function refuseTakenName(db: Reader, place: Place, name: string, exceptId?: string): void {
  const taken = findEntry(db, place, name);
  if (taken && taken.id !== exceptId) throw nameTaken(taken.name);
  const expected = db
    .select({ path: uploads.path })
    .from(uploads)
    .where(
      and(
        eq(uploads.projectId, place.projectId),
        eq(uploads.userId, place.ownerId),
        isNull(uploads.requestId),
        place.folderId === null ? isNull(uploads.folderId) : eq(uploads.folderId, place.folderId),
        eq(uploads.pathKey, nameKey(name)),
        eq(uploads.status, 'uploading'),
      ),
    )
    .get();
  if (expected) throw nameTaken(expected.path);
}

/** The name, or the first of `name (2).mov`, `name (3).mov` … that no entry has. */
export function freeName(db: Reader, place: Place, name: string): string {
  const [, stem = name, extension = ''] = /^(.+?)(\.[^.]*)?$/s.exec(name) ?? [];
  let candidate = name;
  for (let number = 2; findEntry(db, place, candidate); number++) {
    candidate = shortened(stem, ` (${number})${extension}`);
  }
  return candidate;
}

/** The folder at the end of `names`, made as far as it is not there; a file in the way is refused. */
export function makeFolders(
  tx: Transaction,
  ctx: Context,
  place: Place,
  names: readonly string[],
): string | null {
  return names.reduce<string | null>((folderId, name) => {
    const here = { ...place, folderId };
    const present = findEntry(tx, here, name);
    if (present?.kind === 'folder') return present.id;
    refuseTakenName(tx, here, name);
    return insertFolder(tx, ctx, here, name);
  }, place.folderId);
}

export function insertFolder(tx: Transaction, ctx: Context, place: Place, name: string): string {
  const now = ctx.clock();
  const id = ctx.newId('entry');
  tx.insert(entries)
    .values({
      id,
      projectId: place.projectId,
      ownerId: place.ownerId,
      parentId: place.folderId,
      kind: 'folder',
      name,
      nameKey: nameKey(name),
      createdAt: now,
      updatedAt: now,
    })
    .run();
  tellOfWorkspace(tx, ctx, place);
  return id;
}

/** To its owner alone. */
export function tellOfWorkspace(
  tx: Transaction,
  ctx: Pick<Context, 'clock'>,
  { projectId, ownerId }: Pick<Place, 'projectId' | 'ownerId'>,
): void {
  appendEvent(tx, ctx.clock, {
    kind: 'workspace.changed',
    projectId,
    audienceId: ownerId,
    actorId: ownerId,
  });
}

export function inPlace({ projectId, ownerId, folderId }: Place) {
  return and(
    eq(entries.projectId, projectId),
    eq(entries.ownerId, ownerId),
    folderId === null ? isNull(entries.parentId) : eq(entries.parentId, folderId),
  );
}

export function nameTaken(name: string): HubError {
  return new HubError('name_taken', `There is already something called “${name}”.`, { name });
}

function nameInvalid(name: string, problem: NameProblem): HubError {
  return new HubError('name_invalid', describeNameProblem(problem), { name: name.slice(0, 255), problem });
}

/** As much of the stem as leaves room for the ending. */
function shortened(stem: string, ending: string): string {
  const characters = [...stem];
  while (nameProblem(characters.join('') + ending) === 'too_long') characters.pop();
  return characters.join('') + ending;
}
