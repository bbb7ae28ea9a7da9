/** The list “Shared with me”: what others share with a person in a project, and what the person may do with it. */
import { and, desc, eq, isNull, type SQL } from 'drizzle-orm';
import type { PersonView } from '@turnover/domain/people/accounts';
import { entries } from '@turnover/db/schema/entries';
import { shares } from '@turnover/db/schema/shares';
import type { EntryColumn } from '@turnover/domain/workspace/entries';
import type { ListSharedInput, SharedEntryView, SharedListView } from '@turnover/domain/workspace/shares';
import type { Entry } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { accessToKept, type EntryAccess } from '../entries/access.ts';
import { viewEntries } from '../entries/view.ts';
import { viewPeople } from '../people/person-view.ts';
import { containing } from '../entries/list.ts';

type Share = typeof shares.$inferSelect;
type Received = { share: Share; entry: Entry; access: EntryAccess };

/** One row per entry, however many people shared it. Leaves out entries in their owner's trash. */
export function listReceived(ctx: PersonContext, input: ListSharedInput): SharedListView {
  const received = receivedBy(ctx, input.projectId, containing(input.filter));
  const { column, descending } = input.order;
  const turn = descending ? -1 : 1;
  received.sort(
    (one, other) =>
      one.entry.rank - other.entry.rank ||
      turn * (compareBy[column](one, other) || compare(one.entry.sortKey, other.entry.sortKey)),
  );
  const page = received.slice(input.offset, input.offset + input.limit);
  const people = viewPeople(
    ctx.db,
    page.flatMap(({ share, entry }) => [share.sharerId, entry.ownerId]),
  );
  return { entries: page.map((row) => viewReceived(ctx, row, people)), total: received.length };
}

function receivedBy(ctx: PersonContext, projectId: string, wanted?: SQL): Received[] {
  const rows = ctx.db
    .select({ share: shares, entry: entries })
    .from(shares)
    .innerJoin(entries, eq(entries.id, shares.entryId))
    .where(
      and(
        eq(shares.granteeId, ctx.person.id),
        eq(shares.projectId, projectId),
        isNull(shares.revokedAt),
        isNull(shares.hiddenAt),
        isNull(entries.deletedAt),
        wanted,
      ),
    )
    .orderBy(desc(shares.createdAt), desc(shares.id))
    .all();
  const first = new Map<string, { share: Share; entry: Entry }>();
  for (const row of rows) if (!first.has(row.entry.id)) first.set(row.entry.id, row);
  const accesses = accessToKept(
    ctx.db,
    ctx,
    [...first.values()].map(({ entry }) => entry),
  );
  return [...first.values()].flatMap(({ share, entry }) => {
    const access = accesses.get(entry.id);
    return access ? [{ share, entry, access }] : [];
  });
}

const compareBy: Record<EntryColumn, (one: Received, other: Received) => number> = {
  name: () => 0,
  size: (one, other) => one.entry.sizeBytes - other.entry.sizeBytes,
  changed: (one, other) => one.entry.updatedAt - other.entry.updatedAt,
  shared: (one, other) => one.share.createdAt - other.share.createdAt,
  state: (one, other) => one.entry.stateRank - other.entry.stateRank,
};

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function viewReceived(ctx: PersonContext, row: Received, people: Map<string, PersonView>): SharedEntryView {
  const { share, entry, access } = row;
  const [view] = viewEntries(ctx, [entry.id], { isOwner: false, rootId: entry.id });
  return {
    ...view!,
    shareId: share.id,
    sharedBy: people.get(share.sharerId)!,
    owner: people.get(entry.ownerId)!,
    since: share.createdAt,
    until: access.until,
    canShare: access.canShare,
    canUpdate: access.canUpdate,
    note: share.note,
    isNew: share.openedAt === null,
  };
}
