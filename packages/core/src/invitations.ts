/** Invitations: a link that makes whoever opens it a member of a project, with a new account or the one they have. */
import { and, desc, eq, isNull } from 'drizzle-orm';
import type { z } from 'zod';
import type { Reader, Transaction } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { companies, users } from '@turnover/db/schema/accounts';
import { invitations, projects } from '@turnover/db/schema/projects';
import { notFound } from '@turnover/domain/errors';
import {
  invitationLifetimeMs,
  type createdInvitationView,
  type createInvitationInput,
  type invitationIdInput,
  type InvitationView,
} from '@turnover/domain/invitations';
import type { Role } from '@turnover/domain/projects';
import { findActivePerson, findUser, insertAccount, requireCompany, type NewAccount } from './accounts.ts';
import type { Context, Person, PersonContext } from './context.ts';
import { expired } from './links.ts';
import { findMembership, insertMember, tellChange } from './members.ts';
import { hashPassword } from './passwords.ts';
import { hashSecret, newSecret } from './secrets.ts';
import { bindShares } from './share-binding.ts';

type Invitation = typeof invitations.$inferSelect;

const maxInvitationsListed = 1000;

export function createInvitation(
  ctx: PersonContext,
  input: z.infer<typeof createInvitationInput>,
): z.infer<typeof createdInvitationView> {
  const secret = newSecret();
  const id = ctx.newId('invitation');
  const createdAt = ctx.clock();
  inTransaction(ctx.db, (tx) => {
    if (input.companyId) requireCompany(tx, input.companyId);
    tx.insert(invitations)
      .values({
        ...input,
        id,
        tokenHash: hashSecret(secret),
        invitedBy: ctx.person.id,
        createdAt,
        expiresAt: createdAt + invitationLifetimeMs,
      })
      .run();
  });
  const view = selectViews(ctx.db).where(eq(invitations.id, id)).get();
  if (!view) throw notFound();
  return { ...view, path: `/invitation/${secret}` };
}

/** Those that nobody has accepted or revoked, the newest first. */
export function listInvitations(ctx: PersonContext, projectId: string): InvitationView[] {
  return selectViews(ctx.db)
    .where(
      and(
        eq(invitations.projectId, projectId),
        isNull(invitations.acceptedAt),
        isNull(invitations.revokedAt),
      ),
    )
    .orderBy(desc(invitations.id))
    .limit(maxInvitationsListed)
    .all();
}

export function revokeInvitation(ctx: PersonContext, input: z.infer<typeof invitationIdInput>): void {
  inTransaction(ctx.db, (tx) => {
    const { changes } = tx
      .update(invitations)
      .set({ revokedAt: ctx.clock() })
      .where(
        and(
          eq(invitations.id, input.invitationId),
          eq(invitations.projectId, input.projectId),
          isNull(invitations.acceptedAt),
          isNull(invitations.revokedAt),
        ),
      )
      .run();
    if (changes === 0) throw notFound();
  });
}

export type InvitationDescription = {
  project: { id: string; name: string };
  role: Role;
  email: string;
  company: string | null;
  invitedBy: string | null;
  /** Whether there is an account with the invited address, so that the page offers to sign in first. */
  hasAccount: boolean;
};

/** What the page of the link shows. */
export function describeInvitation(ctx: Context, secret: string): InvitationDescription {
  const { id, role, email } = requireOpen(ctx, ctx.db, secret);
  const row = ctx.db
    .select({
      project: { id: projects.id, name: projects.name },
      company: companies.name,
      invitedBy: users.name,
    })
    .from(invitations)
    .innerJoin(projects, eq(projects.id, invitations.projectId))
    .leftJoin(companies, eq(companies.id, invitations.companyId))
    .leftJoin(users, eq(users.id, invitations.invitedBy))
    .where(eq(invitations.id, id))
    .get();
  if (!row) throw notFound();
  return { ...row, role, email, hasAccount: findUser(ctx.db, email) !== undefined };
}

/** `who`: what a new person says of themselves, or the person who is signed in. */
export async function acceptInvitation(
  ctx: Context,
  secret: string,
  who: NewAccount | Person,
): Promise<{ person: Person; projectId: string }> {
  requireOpen(ctx, ctx.db, secret);
  if ('id' in who) return accept(ctx, secret, (tx, { companyId }) => joinCompany(tx, who, companyId));
  const { password, ...account } = who;
  const passwordHash = await hashPassword(password);
  return accept(ctx, secret, (tx, { companyId }) =>
    insertAccount(tx, ctx, { ...account, companyId, passwordHash }),
  );
}

function accept(
  ctx: Context,
  secret: string,
  personFor: (tx: Transaction, invitation: Invitation) => Person,
): { person: Person; projectId: string } {
  return inTransaction(ctx.db, (tx) => {
    const invitation = requireOpen(ctx, tx, secret);
    const { projectId, role } = invitation;
    tx.update(invitations).set({ acceptedAt: ctx.clock() }).where(eq(invitations.id, invitation.id)).run();
    const person = personFor(tx, invitation);
    const member = { projectId, userId: person.id };
    // Whoever is in the project already keeps their role: a link for less must not take it away.
    if (!findMembership(tx, projectId, person.id)) {
      insertMember(tx, ctx, member, role);
      tellChange(tx, { ...ctx, person }, 'member.added', member, role);
    }
    bindShares(tx, ctx, person, [person.email, invitation.email]);
    return { person, projectId };
  });
}

/** A person belongs to one company: the invitation gives one to those who have none. */
function joinCompany(tx: Transaction, { id }: Person, companyId: string | null): Person {
  const person = findActivePerson(tx, id);
  if (!person) throw notFound();
  if (companyId === null || person.companyId !== null) return person;
  tx.update(users).set({ companyId }).where(eq(users.id, id)).run();
  return { ...person, companyId };
}

function requireOpen(ctx: Context, db: Reader, secret: string): Invitation {
  const invitation = db
    .select()
    .from(invitations)
    .where(eq(invitations.tokenHash, hashSecret(secret)))
    .get();
  if (!invitation) throw notFound();
  const { acceptedAt, revokedAt, expiresAt } = invitation;
  if (acceptedAt !== null || revokedAt !== null || expiresAt <= ctx.clock()) throw expired();
  return invitation;
}

function selectViews(db: Reader) {
  return db
    .select({
      id: invitations.id,
      email: invitations.email,
      role: invitations.role,
      company: companies.name,
      createdAt: invitations.createdAt,
      expiresAt: invitations.expiresAt,
    })
    .from(invitations)
    .leftJoin(companies, eq(companies.id, invitations.companyId));
}
