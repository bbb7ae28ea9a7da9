/** Members of a project and their roles. */
import { and, asc, eq, sql } from 'drizzle-orm';
import type { z } from 'zod';
import type { Transaction } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { companies, users } from '@turnover/db/schema/accounts';
import { spaceUsed } from '@turnover/db/schema/assets';
import { memberships } from '@turnover/db/schema/projects';
import { HubError, notFound } from '@turnover/domain/errors';
import type { addMemberInput, memberInput, MemberView, setRoleInput } from '@turnover/domain/people/projects';
import { findActivePerson } from '../people/accounts.ts';
import type { PersonContext } from '../context.ts';
import { requireRevision, revisionOf, type Subject } from '../edits.ts';
import { changeRole, endMembership, isLastCoordinator } from '../people/member-roles.ts';
import { findMembership, joinProject, type Membership } from '../people/memberships.ts';
import { bindShares } from '../shares/joining.ts';

type MemberInput = z.infer<typeof memberInput>;

const maxMembersListed = 5000;

export function listMembers(ctx: PersonContext, projectId: string): MemberView[] {
  return ctx.db
    .select({
      user: { id: users.id, name: users.name, company: companies.name, email: users.email },
      companyId: users.companyId,
      role: memberships.role,
      since: memberships.createdAt,
      revision: revisionOf(memberships.id),
      workspaceBytes: sql<number>`coalesce(${spaceUsed.bytes}, 0)`,
      maxWorkspaceBytes: memberships.maxWorkspaceBytes,
    })
    .from(memberships)
    .leftJoin(
      spaceUsed,
      and(eq(spaceUsed.projectId, memberships.projectId), eq(spaceUsed.ownerId, memberships.userId)),
    )
    .innerJoin(users, eq(users.id, memberships.userId))
    .leftJoin(companies, eq(companies.id, users.companyId))
    .where(eq(memberships.projectId, projectId))
    .orderBy(asc(users.name), asc(users.id))
    .limit(maxMembersListed)
    .all();
}

export function addMember(ctx: PersonContext, input: z.infer<typeof addMemberInput>): void {
  inTransaction(ctx.db, (tx) => {
    if (!tx.select({ id: users.id }).from(users).where(eq(users.id, input.userId)).get()) throw notFound();
    if (!joinProject(tx, ctx, input, input.role)) {
      throw new HubError('conflict', 'This person is already a member of the project.');
    }
    const person = findActivePerson(tx, input.userId);
    if (person) bindShares(tx, ctx, person);
  });
}

export function setRole(ctx: PersonContext, input: z.infer<typeof setRoleInput>): void {
  inTransaction(ctx.db, (tx) => {
    const membership = requireMembership(tx, input);
    requireRevision(tx, ctx, subjectOf(tx, membership), input.revision);
    if (membership.role === input.role) return;
    keepACoordinator(tx, ctx, membership);
    changeRole(tx, ctx, membership, input.role);
  });
}

export function removeMember(ctx: PersonContext, input: MemberInput): void {
  inTransaction(ctx.db, (tx) => {
    const membership = requireMembership(tx, input);
    keepACoordinator(tx, ctx, membership);
    endMembership(tx, ctx, membership);
  });
}

function subjectOf(tx: Transaction, { id, projectId, userId }: Membership): Subject {
  const user = tx.select({ name: users.name }).from(users).where(eq(users.id, userId)).get()!;
  return { id, name: user.name, projectId };
}

function requireMembership(tx: Transaction, { projectId, userId }: MemberInput): Membership {
  const membership = findMembership(tx, projectId, userId);
  if (!membership) throw notFound();
  return membership;
}

/**
 * Throws `last_coordinator` when the project would lose its last coordinator. Owners of the hub may remove the last one,
 * because they can always appoint another.
 */
function keepACoordinator(tx: Transaction, ctx: PersonContext, membership: Membership): void {
  if (ctx.person.isOwner || !isLastCoordinator(tx, membership)) return;
  throw new HubError('last_coordinator', 'A project needs at least one coordinator. Name another one first.');
}
