/** Names and folders of a Workspace: what is free, what is there, and folders made on the way to a dropped file. */
import { and, eq, isNull } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { entries } from '@turnover/db/schema/entries';
import { uploads } from '@turnover/db/schema/uploads';
import { HubError } from '@turnover/domain/errors';
import { describeNameProblem, nameKey, nameProblem } from '@turnover/domain/names';
import type { Entry } from './access.ts';
import type { Context } from './context.ts';

/** One folder of one person's Workspace; `folderId` null is its root. */
export type Place = { projectId: string; ownerId: string; folderId: string | null };

export function requireName(name: string): void {
  const problem = nameProblem(name);
  if (problem)
    throw new HubError('name_invalid', describeNameProblem(problem), { name: name.slice(0, 255), problem });
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
  if (!findEntry(db, place, name)) return name;
  const [, stem = name, extension = ''] = /^(.+?)(\.[^.]*)?$/s.exec(name) ?? [];
  for (let number = 2; ; number++) {
    const candidate = `${stem} (${number})${extension}`;
    if (!findEntry(db, place, candidate)) return candidate;
  }
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
    if (present) throw nameTaken(present.name);
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
  return id;
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
