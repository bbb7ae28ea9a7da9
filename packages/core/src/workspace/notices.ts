/** Notifies the owner of a Workspace when others delete or rename entries in it. */
import { and, count, eq, gte } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { entries } from '@turnover/db/schema/entries';
import { gatherNoticesMs } from '@turnover/domain/notification-table';
import type { Entry } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { notify, reviseUnseen } from '../notifications/inbox.ts';
import { findActivePerson } from '../people/accounts.ts';
import { ownHrefOf } from '../shares/notices.ts';

const maxNames = 3;
/**
 * The entry's time of deletion is a moment earlier than its notification. Deletions within this time are in the same
 * notification.
 */
const stampedBeforeMs = 1000;

/** Sends one notification for everything that this person deletes within minutes. */
export function notifyDeleted(tx: Transaction, ctx: PersonContext, deleted: readonly Entry[]): void {
  for (const [ownerId, gone] of Map.groupBy(deleted, (entry) => entry.ownerId)) {
    const { projectId } = gone[0]!;
    const names = gone.slice(0, maxNames).map(({ name }) => name);
    const data = { names, count: gone.length, href: `/p/${projectId}/workspace?trash` };
    notifyOwner(tx, ctx, { ownerId, projectId, kind: 'entry.deleted', data });
  }
}

/** Updates the notification of `notifyDeleted` after this person has restored entries that they deleted. */
export function correctDeleted(tx: Transaction, ctx: PersonContext, restored: readonly Entry[]): void {
  const actorId = ctx.person.id;
  for (const [ownerId, back] of Map.groupBy(restored, (entry) => entry.ownerId)) {
    if (ownerId === actorId) continue;
    const { projectId } = back[0]!;
    const notice = { userId: ownerId, kind: 'entry.deleted', projectId, actorId } as const;
    reviseUnseen(tx, ctx, notice, (data, createdAt) => {
      const since = createdAt - stampedBeforeMs;
      const still = stillDeleted(tx, { ownerId, projectId, actorId, since });
      return still.count === 0 ? null : { ...data, ...still };
    });
  }
}

type Deletion = { ownerId: string; projectId: string; actorId: string; since: number };

function stillDeleted(tx: Transaction, { ownerId, projectId, actorId, since }: Deletion) {
  const deleted = and(
    eq(entries.ownerId, ownerId),
    eq(entries.projectId, projectId),
    eq(entries.deletedBy, actorId),
    gte(entries.deletedAt, since),
  );
  const number = tx.select({ count: count() }).from(entries).where(deleted).get()!.count;
  const named = tx
    .select()
    .from(entries)
    .where(deleted)
    .orderBy(entries.deletedAt, entries.sortKey)
    .limit(maxNames)
    .all();
  return { names: named.map(({ name }) => name), count: number };
}

/** Renames of one entry by one person within minutes become one notification, and none when the first name is back. */
export function notifyRenamed(tx: Transaction, ctx: PersonContext, before: Entry, name: string): void {
  const { id: entryId, ownerId, projectId } = before;
  if (ownerId === ctx.person.id || correctRenamed(tx, ctx, before, name)) return;
  const data = { entryId, before: before.name, name, href: ownHrefOf(tx, before) };
  notifyOwner(tx, ctx, { ownerId, projectId, kind: 'entry.renamed', data });
}

/** Updates the notification of the rename before this one. Returns false when there is none to update. */
function correctRenamed(
  tx: Transaction,
  ctx: PersonContext,
  { id, ownerId, projectId, name: seen }: Entry,
  name: string,
): boolean {
  const notice = { userId: ownerId, kind: 'entry.renamed', projectId, actorId: ctx.person.id } as const;
  let isCorrected = false;
  reviseUnseen(tx, ctx, notice, (data, createdAt) => {
    const isOld = createdAt <= ctx.clock() - gatherNoticesMs;
    if (isOld || data.entryId !== id || data.name !== seen) return data;
    isCorrected = true;
    return data.before === name ? null : { ...data, name };
  });
  return isCorrected;
}

type ToOwner = Pick<Entry, 'ownerId' | 'projectId'> & {
  kind: 'entry.deleted' | 'entry.renamed';
  data: Parameters<typeof notify>[2]['data'];
};

function notifyOwner(tx: Transaction, ctx: PersonContext, { ownerId, projectId, kind, data }: ToOwner): void {
  if (ownerId === ctx.person.id) return;
  const owner = findActivePerson(tx, ownerId);
  if (!owner) return;
  const { id: userId, email } = owner;
  notify(tx, ctx, { userId, email, kind, projectId, actorId: ctx.person.id, data });
}
