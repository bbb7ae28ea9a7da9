/** Notifies the owner of a Workspace of what others delete and rename in it. */
import type { Transaction } from '@turnover/db/open';
import type { Entry } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { notify } from '../notifications/inbox.ts';
import { findActivePerson } from '../people/accounts.ts';
import { ownHrefOf } from '../shares/notices.ts';

const maxNames = 3;

/** One notification for everything that this person deletes within minutes. */
export function notifyDeleted(tx: Transaction, ctx: PersonContext, deleted: readonly Entry[]): void {
  for (const [ownerId, entries] of Map.groupBy(deleted, (entry) => entry.ownerId)) {
    const { projectId } = entries[0]!;
    const names = entries.slice(0, maxNames).map(({ name }) => name);
    const data = { names, count: entries.length, href: `/p/${projectId}/workspace?trash` };
    notifyOwner(tx, ctx, { ownerId, projectId, kind: 'entry.deleted', data });
  }
}

export function notifyRenamed(tx: Transaction, ctx: PersonContext, before: Entry, name: string): void {
  const { ownerId, projectId } = before;
  const data = { before: before.name, name, href: ownHrefOf(tx, before) };
  notifyOwner(tx, ctx, { ownerId, projectId, kind: 'entry.renamed', data });
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
