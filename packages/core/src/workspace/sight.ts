/** Finds out who sees entries of a Workspace, for questions about a change that would show or hide them. */
import { sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { entries } from '@turnover/db/schema/entries';
import type { EntrySelection, RemovalPreviewView } from '@turnover/domain/workspace/entries';
import { sharesInForce } from '@turnover/domain/workspace/shares';
import type { Entry } from '../access.ts';
import { othersTurn } from '../batches.ts';
import type { PersonContext } from '../context.ts';
import { entriesAbove, linksOn } from '../entries/access.ts';
import { loadEntries, selectedIds } from '../entries/selection.ts';
import { inList } from '../in-list.ts';
import { viewPeople } from '../people/person-view.ts';

/** At most this many shares below an entry are checked for people who lose access. */
const sharedLooked = 500;
/** At most this many selected entries are checked. */
const entriesLooked = 500;

/**
 * The people who would lose access if the selection were deleted. The owner gets all names. Others get the owner's name and
 * only the number of the rest, because other people's shares must not be revealed.
 */
export async function previewRemoval(
  ctx: PersonContext,
  { projectId, selection }: { projectId: string; selection: EntrySelection },
): Promise<RemovalPreviewView> {
  await othersTurn();
  const ids = selectedIds(ctx, projectId, selection);
  await othersTurn();
  const removed = loadEntries(ctx.db, ctx, projectId, ids.slice(0, entriesLooked), 'update');
  await othersTurn();
  const seers = new Set<string>();
  const owners = new Set(removed.map(({ ownerId }) => ownerId));
  for (const { entryId } of affected(ctx.db, removed)) {
    const path = entriesAbove(ctx.db, entryId).map(({ id }) => id);
    const { ownerId } = removed.find(({ id }) => path.includes(id))!;
    for (const id of watchersOf(ctx, path, ownerId)) seers.add(id);
  }
  for (const id of [...owners, ctx.person.id]) seers.delete(id);
  const isOwner = owners.size === 1 && owners.has(ctx.person.id);
  const named = isOwner ? [...seers] : [...owners].filter((id) => id !== ctx.person.id);
  const people = viewPeople(ctx.db, named);
  return {
    entries: ids.length,
    loses: named.flatMap((id) => people.get(id) ?? []),
    more: isOwner ? 0 : seers.size,
  };
}

/** One entry for each folder, and every entry with a share of its own at or below the moved entries. */
export function affected(db: Reader, moving: readonly Entry[]): { entryId: string; movingId: string }[] {
  const first = [...Map.groupBy(moving, ({ parentId }) => parentId).values()].map(([entry]) => entry!.id);
  const shared = db.all<{ entryId: string; movingId: string }>(sql`
    with recursive below(id, moving_id, kind) as (
      select id, id, kind from entries where ${inList(
        entries.id,
        moving.map(({ id }) => id),
      )}
      union all
      select child.id, below.moving_id, child.kind from below join entries as child on child.parent_id = below.id
      where below.kind <> 'file' and child.deleted_at is null
    )
    select distinct below.id as entryId, below.moving_id as movingId
    from below join shares on shares.entry_id = below.id and shares.revoked_at is null
    limit ${sharedLooked}`);
  return [...first.map((id) => ({ entryId: id, movingId: id })), ...shared];
}

/** The people who have access to an entry. `path`: the ids of the entry and of all folders above it, innermost first. */
export function watchersOf(ctx: PersonContext, path: readonly string[], ownerId: string): Set<string> {
  const links = linksOn(
    ctx.db,
    path.map((id, level) => ({ id, level })),
  );
  const inForce = sharesInForce(links, { ownerId, now: ctx.clock() });
  return new Set([...inForce.values()].flatMap(({ chain }) => chain.at(-1)!.granteeId ?? []));
}
