/** Memberships: who is in a project, and how people join it. */
import { and, eq } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { memberships } from '@turnover/db/schema/projects';
import type { EventKind } from '@turnover/domain/events';
import type { Role } from '@turnover/domain/people/projects';
import type { PersonContext } from '../context.ts';
import { appendEvent, signalAccount } from '../events.ts';

export type Membership = typeof memberships.$inferSelect;
export type Member = Pick<Membership, 'projectId' | 'userId'>;

export function findMembership(db: Reader, projectId: string, userId: string): Membership | undefined {
  return db
    .select()
    .from(memberships)
    .where(and(eq(memberships.projectId, projectId), eq(memberships.userId, userId)))
    .get();
}

/** Makes the person a member. Returns false for a present member, who keeps their role: a link must not reduce it. */
export function joinProject(tx: Transaction, ctx: PersonContext, member: Member, role: Role): boolean {
  if (findMembership(tx, member.projectId, member.userId)) return false;
  const { projectId, userId } = member;
  tx.insert(memberships)
    .values({ id: ctx.newId('membership'), projectId, userId, role, createdAt: ctx.clock() })
    .run();
  recordMembership(tx, ctx, 'member.added', member, role);
  return true;
}

/** Records the change in the project, and signals the person, who may not get the project's events. */
export function recordMembership(
  tx: Transaction,
  ctx: PersonContext,
  kind: Extract<EventKind, `member.${string}`>,
  { projectId, userId }: Member,
  role: Role,
): void {
  const user = tx.select({ name: users.name }).from(users).where(eq(users.id, userId)).get();
  const data = { userId, name: user?.name ?? '', role };
  appendEvent(tx, ctx.clock, { kind, projectId, actorId: ctx.person.id, data });
  signalAccount(tx, ctx, userId);
}
