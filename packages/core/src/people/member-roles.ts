/** Changes and ends memberships, for members who do it by hand and for groups at the OpenID provider. */
import { and, count, eq } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { memberships } from '@turnover/db/schema/projects';
import type { Role } from '@turnover/domain/people/projects';
import type { PersonContext } from '../context.ts';
import { recordEdit } from '../edits.ts';
import { recordMembership, type Membership } from './memberships.ts';

export function changeRole(tx: Transaction, ctx: PersonContext, membership: Membership, role: Role): void {
  recordEdit(tx, ctx, membership.id, ['role']);
  tx.update(memberships).set({ role }).where(eq(memberships.id, membership.id)).run();
  recordMembership(tx, ctx, 'member.roleChanged', membership, role);
}

export function endMembership(tx: Transaction, ctx: PersonContext, membership: Membership): void {
  tx.delete(memberships).where(eq(memberships.id, membership.id)).run();
  recordMembership(tx, ctx, 'member.removed', membership, membership.role);
}

/** True when the project would have no coordinator without this member. */
export function isLastCoordinator(db: Reader, { projectId, role }: Membership): boolean {
  if (role !== 'coordinator') return false;
  const coordinators = and(eq(memberships.projectId, projectId), eq(memberships.role, 'coordinator'));
  const row = db.select({ number: count() }).from(memberships).where(coordinators).get();
  return (row?.number ?? 0) <= 1;
}
