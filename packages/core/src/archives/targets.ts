/** Loads what an archive contains, and checks whether the person may download it. */
import { and, eq } from 'drizzle-orm';
import { archives } from '@turnover/db/schema/archives';
import { entries } from '@turnover/db/schema/entries';
import { projects } from '@turnover/db/schema/projects';
import { rounds } from '@turnover/db/schema/requests';
import { notFound } from '@turnover/domain/errors';
import { isId } from '@turnover/domain/ids';
import type { FileSelection } from '@turnover/domain/requests/files';
import type { EntrySelection } from '@turnover/domain/workspace/entries';
import { loadRequest, type DeliveryRequest } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { loadEntry } from '../entries/access.ts';
import { openFolder } from '../entries/list.ts';
import { requireEntries, requireSome, selectedIds } from '../entries/selection.ts';

export type ArchiveTarget =
  | { kind: 'entries'; projectId: string; selection: EntrySelection }
  /** `round`: the number of a submitted round; null for the selected present files. */
  | { kind: 'files'; requestId: string; round: number | null; selection: FileSelection };

const everything: FileSelection = { allExcept: [] };

/** Loads the target by the id of a folder, sequence, request or prepared archive. Throws `not_found` for any other id. */
export function loadTarget(ctx: PersonContext, id: string, round: number | null): ArchiveTarget {
  if (isId('request', id)) return { kind: 'files', requestId: id, round, selection: everything };
  if (round !== null) throw notFound();
  if (isId('entry', id)) {
    const { kind, projectId } = loadEntry(ctx.db, ctx, id);
    if (kind === 'file') throw notFound();
    return { kind: 'entries', projectId, selection: { entryIds: [id] } };
  }
  const own = and(eq(archives.id, id), eq(archives.userId, ctx.person.id));
  const prepared = ctx.db.select().from(archives).where(own).get();
  if (!prepared) throw notFound();
  const { projectId, requestId, selection } = prepared;
  return requestId === null
    ? { kind: 'entries', projectId, selection: selection as EntrySelection }
    : { kind: 'files', requestId, round: null, selection: selection as FileSelection };
}

/** The selected entries, without those inside another selected entry. Throws unless the person may see each of them. */
export function requireSelected(
  ctx: PersonContext,
  { projectId, selection }: { projectId: string; selection: EntrySelection },
): string[] {
  const ids = selectedIds(ctx, projectId, selection);
  requireEntries(ctx.db, ctx, projectId, requireSome(ids), 'view');
  return ids;
}

/** Throws unless the person may download the files of the request and the round was submitted. */
export function requireRequest(
  { db, person }: PersonContext,
  { requestId, round }: { requestId: string; round: number | null },
): DeliveryRequest {
  const request = loadRequest(db, person, requestId, 'file:download');
  if (round === null) return request;
  const submitted = and(eq(rounds.requestId, requestId), eq(rounds.number, round));
  if (!db.select().from(rounds).where(submitted).get()) throw notFound();
  return request;
}

/** Throws when the person has lost the permission for a running download. Cheap enough to call every few seconds. */
export function requireStillAllowed(ctx: PersonContext, target: ArchiveTarget): void {
  if (target.kind === 'files') requireRequest(ctx, target);
  // Access to a folder includes access to its contents.
  else if ('allExcept' in target.selection) openFolder(ctx, { ...target, ...target.selection });
  else requireEntries(ctx.db, ctx, target.projectId, [...new Set(target.selection.entryIds)], 'view');
}

/** The name of the ZIP, without its extension. */
export function archiveName(ctx: PersonContext, target: ArchiveTarget, rootIds: readonly string[]): string {
  if (target.kind === 'files') {
    const { name } = requireRequest(ctx, target);
    return target.round === null ? name : `${name} round ${target.round}`;
  }
  const first = ctx.db.select().from(entries).where(eq(entries.id, rootIds[0]!)).get()!;
  if (rootIds.length === 1) return first.name;
  const folder = 'allExcept' in target.selection ? target.selection.folderId : first.parentId;
  // Uses the folder's name only if the person may see the folder: the one above a shared entry stays hidden.
  const isTheirs = folder !== null && isVisible(ctx, folder);
  if (isTheirs) return ctx.db.select().from(entries).where(eq(entries.id, folder)).get()!.name;
  return ctx.db.select().from(projects).where(eq(projects.id, target.projectId)).get()!.name;
}

function isVisible(ctx: PersonContext, entryId: string): boolean {
  try {
    loadEntry(ctx.db, ctx, entryId);
    return true;
  } catch {
    return false;
  }
}
