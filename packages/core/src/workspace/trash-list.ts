/** Lists the trash of a person's Workspace: what was deleted, by whom, and where it was. */
import { and, desc, eq, gt, or, sql } from 'drizzle-orm';
import { entries } from '@turnover/db/schema/entries';
import type { TrashListView } from '@turnover/domain/workspace/entries';
import { HubError } from '@turnover/domain/errors';
import { loadProject } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { entriesAbove } from '../entries/access.ts';
import { condemnedAt } from '../entries/lookup.ts';
import { viewEntries } from '../entries/view.ts';
import { viewPeople } from '../people/person-view.ts';

type Input = { projectId: string; cursor?: string | null | undefined; limit: number };

/** Newest first. The contents of a deleted folder are not listed separately. */
export function listTrash(ctx: PersonContext, { projectId, cursor, limit }: Input): TrashListView {
  const { db, person } = ctx;
  loadProject(db, person, projectId, 'workspace:use');
  const rows = db
    .select()
    .from(entries)
    .where(
      and(
        eq(entries.projectId, projectId),
        eq(entries.ownerId, person.id),
        gt(entries.deletedAt, condemnedAt),
        // Hides the rows of sequences whose frames are all elsewhere.
        or(sql`${entries.kind} <> 'sequence'`, sql`${entries.itemCount} > 0`),
        cursor ? olderThan(cursor) : undefined,
      ),
    )
    .orderBy(desc(entries.deletedAt), desc(entries.id))
    .limit(limit + 1)
    .all();
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const views = viewEntries(
    ctx,
    page.map(({ id }) => id),
    null,
  );
  const people = viewPeople(
    db,
    page.flatMap(({ deletedBy }) => deletedBy ?? []),
  );
  return {
    entries: page.map((entry, index) => ({
      ...views[index]!,
      deletedBy: entry.deletedBy === null ? null : (people.get(entry.deletedBy) ?? null),
      folder: entriesAbove(db, entry.parentId)
        .filter(({ kind }) => kind === 'folder')
        .map(({ name }) => name)
        .toReversed(),
    })),
    nextCursor: rows.length > limit && last ? JSON.stringify([last.deletedAt, last.id]) : null,
    keptDays: ctx.limits.trashDays,
  };
}

function olderThan(cursor: string) {
  try {
    const [deletedAt, id] = JSON.parse(cursor) as unknown[];
    if (typeof deletedAt === 'number' && typeof id === 'string') {
      return sql`(${entries.deletedAt}, ${entries.id}) < (${deletedAt}, ${id})`;
    }
  } catch {
    // Falls through: every invalid cursor gets the same error.
  }
  throw new HubError('invalid_input', 'This cursor does not come from this list.', { field: 'cursor' });
}
