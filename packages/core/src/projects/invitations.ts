/** Invitations. Opening the link makes a person a member of a project, with a new or an existing account. */
import { and, count, desc, eq, isNotNull, isNull, sql } from 'drizzle-orm';
import type { z } from 'zod';
import type { Reader, Transaction } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { companies, oneTimeLinks, users } from '@turnover/db/schema/accounts';
import { notifications } from '@turnover/db/schema/notifications';
import { invitations, projects } from '@turnover/db/schema/projects';
import { HubError, notFound } from '@turnover/domain/errors';
import type { Locale } from '@turnover/domain/locales';
import {
  invitationLifetimeMs,
  type createdInvitationView,
  type createInvitationInput,
  type invitationLinkView,
  type invitedAccountInput,
  type invitationIdInput,
  type InvitationView,
} from '@turnover/domain/people/invitations';
import type { Role } from '@turnover/domain/people/projects';
import { emailTaken, findActivePerson, findUser, insertAccount } from '../people/accounts.ts';
import { requireVisibleCompany } from '../people/companies.ts';
import { recordAct } from '../audit/record.ts';
import type { Context, Person, PersonContext } from '../context.ts';
import { proveEmail } from '../people/email-proof.ts';
import { expired } from '../people/links.ts';
import { joinProject } from '../people/memberships.ts';
import { notify } from '../notifications/inbox.ts';
import { requirePasswordOn } from '../people/password-policy.ts';
import { hashPassword } from '../people/passwords.ts';
import { hashSecret, newSecret } from '../secrets.ts';
import { bindShares, claimShares } from '../shares/joining.ts';

type Invitation = typeof invitations.$inferSelect;
export type InvitedAccount = z.infer<typeof invitedAccountInput>;
/** A new person who signed in at the OpenID provider. `connect` runs in the transaction that makes the account. */
export type InvitedByProvider = {
  locale: Locale;
  nameFor: (email: string) => string;
  connect: (tx: Transaction, person: Person) => void;
};

/** The most open or expired invitations of one project that were neither accepted nor revoked. All of them are listed. */
const maxInvitations = 1000;

export function createInvitation(
  ctx: PersonContext,
  input: z.infer<typeof createInvitationInput>,
): z.infer<typeof createdInvitationView> {
  const secret = newSecret();
  const id = ctx.newId('invitation');
  const createdAt = ctx.clock();
  inTransaction(ctx.db, (tx) => {
    if (input.companyId) requireVisibleCompany(tx, ctx.person, input.companyId);
    requireFewInvitations(tx, input.projectId);
    tx.insert(invitations)
      .values({
        ...input,
        id,
        tokenHash: hashSecret(secret),
        invitedBy: ctx.person.id,
        createdAt,
        expiresAt: createdAt + invitationLifetimeMs,
        mailState: ctx.mail.configured ? 'waiting' : null,
      })
      .run();
    if (ctx.mail.configured) mailInvitation(tx, ctx, { id, ...input });
  });
  const view = selectViews(ctx.db).where(eq(invitations.id, id)).get()!;
  return { ...view, path: `/invitation/${secret}` };
}

function mailInvitation(
  tx: Transaction,
  ctx: PersonContext,
  { id, email, projectId }: Pick<Invitation, 'id' | 'email' | 'projectId'>,
): void {
  notify(tx, ctx, {
    userId: null,
    email,
    kind: 'account.invitation',
    projectId,
    actorId: ctx.person.id,
    data: { invitationId: id },
  });
}

/** Creates the secret for a mail that is about to be sent; null when the invitation is no longer open. */
export function newMailedInvitation(tx: Transaction, ctx: Context, invitationId: string): string | null {
  const invitation = tx.select().from(invitations).where(eq(invitations.id, invitationId)).get();
  if (!invitation || !isOpen(ctx, invitation)) return null;
  const secret = newSecret();
  tx.insert(oneTimeLinks)
    .values({
      id: ctx.newId('link'),
      kind: 'invitation',
      tokenHash: hashSecret(secret),
      invitationId,
      isMailed: true,
      createdAt: ctx.clock(),
      expiresAt: invitation.expiresAt,
    })
    .run();
  return secret;
}

export function recordInvitationMail(
  tx: Transaction,
  invitationId: string,
  mailState: Invitation['mailState'],
): void {
  tx.update(invitations).set({ mailState }).where(eq(invitations.id, invitationId)).run();
}

/**
 * Creates a new link to hand over without mail. The link that was shown before stops working; mailed links still work.
 * Opening a shown link does not prove the address.
 */
export function showInvitationLink(
  ctx: PersonContext,
  input: z.infer<typeof invitationIdInput>,
): z.infer<typeof invitationLinkView> {
  const secret = newSecret();
  inTransaction(ctx.db, (tx) => {
    const invitation = tx
      .select()
      .from(invitations)
      .where(and(eq(invitations.id, input.invitationId), eq(invitations.projectId, input.projectId)))
      .get();
    if (!invitation) throw notFound();
    if (!isOpen(ctx, invitation)) throw expired();
    tx.update(invitations)
      .set({ tokenHash: hashSecret(secret) })
      .where(eq(invitations.id, invitation.id))
      .run();
  });
  return { path: `/invitation/${secret}` };
}

/** Limits how many mails one project can send to strangers in the hub's name. */
function requireFewInvitations(db: Reader, projectId: string): void {
  const held = db.select({ number: count() }).from(invitations).where(listed(projectId)).get()!.number;
  if (held < maxInvitations) return;
  const message = `This project has ${held} invitations that nobody has accepted, and the limit is ${maxInvitations}. Revoke some first.`;
  throw new HubError('too_many_held', message, { what: 'invitations', most: maxInvitations });
}

function listed(projectId: string) {
  const { acceptedAt, revokedAt } = invitations;
  return and(eq(invitations.projectId, projectId), isNull(acceptedAt), isNull(revokedAt));
}

/** Invitations that were neither accepted nor revoked, newest first. */
export function listInvitations(ctx: PersonContext, projectId: string): InvitationView[] {
  return selectViews(ctx.db)
    .where(listed(projectId))
    .orderBy(desc(invitations.id))
    .limit(maxInvitations)
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
    tx.update(notifications)
      .set({ mailDueAt: null })
      .where(
        and(
          eq(notifications.kind, 'account.invitation'),
          isNotNull(notifications.mailDueAt),
          sql`${notifications.data} ->> 'invitationId' = ${input.invitationId}`,
        ),
      )
      .run();
  });
}

export type InvitationDescription = {
  project: { id: string; name: string };
  role: Role;
  email: string;
  company: string | null;
  invitedBy: string | null;
  /** True when the invited address has an account, so that the page offers to sign in first. */
  hasAccount: boolean;
};

/** Describes the invitation for the page of its link. Throws `link_expired` or `not_found`. */
export function describeInvitation(ctx: Context, secret: string): InvitationDescription {
  const { id, role, email } = requireOpen(ctx, ctx.db, secret).invitation;
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
    .get()!;
  return { ...row, role, email, hasAccount: findUser(ctx.db, email) !== undefined };
}

/**
 * Accepts an invitation. `who`: the form of a new person, the signed-in person, or somebody new from the OpenID provider. A new
 * account must have the invited address; throws `email_not_invited` for another one.
 */
export async function acceptInvitation(
  ctx: Context,
  secret: string,
  who: InvitedAccount | Person | InvitedByProvider,
): Promise<{ person: Person; projectId: string }> {
  const { invitation } = requireOpen(ctx, ctx.db, secret);
  if ('id' in who) return accept(ctx, secret, (tx, { companyId }) => joinCompany(tx, who, companyId));
  if ('connect' in who) return accept(ctx, secret, (tx, invited) => makeAccount(tx, ctx, invited, who));
  requirePasswordOn(ctx.db, ctx, null);
  const { password, email = invitation.email, ...account } = who;
  if (email.trim().toLowerCase() !== invitation.email) {
    throw new HubError('email_not_invited', `This invitation is for ${invitation.email} only.`, {
      email: invitation.email,
    });
  }
  if (findUser(ctx.db, invitation.email)) throw emailTaken();
  const passwordHash = await hashPassword(password);
  return accept(ctx, secret, (tx, { email, companyId }) =>
    insertAccount(tx, ctx, { ...account, email, companyId, passwordHash }),
  );
}

function makeAccount(
  tx: Transaction,
  ctx: Context,
  { email, companyId }: Invitation,
  { locale, nameFor, connect }: InvitedByProvider,
): Person {
  const person = insertAccount(tx, ctx, { email, companyId, locale, name: nameFor(email) });
  connect(tx, person);
  return person;
}

function accept(
  ctx: Context,
  secret: string,
  personFor: (tx: Transaction, invitation: Invitation) => Person,
): { person: Person; projectId: string } {
  return inTransaction(ctx.db, (tx) => {
    const { invitation, isMailed } = requireOpen(ctx, tx, secret);
    const { projectId, role, email } = invitation;
    tx.update(invitations).set({ acceptedAt: ctx.clock() }).where(eq(invitations.id, invitation.id)).run();
    const person = personFor(tx, invitation);
    joinProject(tx, { ...ctx, person }, { projectId, userId: person.id }, role);
    const isTheirs = person.email === email;
    if (isTheirs && isMailed) proveEmail(tx, ctx, person);
    else bindShares(tx, ctx, person);
    if (!isTheirs) claimShares(tx, ctx, person, { email, projectId });
    const details = { role, email, byMail: isMailed };
    recordAct(tx, ctx, {
      action: 'invitations.accept',
      actor: person,
      projectId,
      subject: invitation.id,
      details,
    });
    return { person, projectId };
  });
}

/** Sets the company of the invitation for a person who has none. */
function joinCompany(tx: Transaction, { id }: Person, companyId: string | null): Person {
  const person = findActivePerson(tx, id);
  if (!person) throw notFound();
  if (companyId === null || person.companyId !== null) return person;
  tx.update(users).set({ companyId }).where(eq(users.id, id)).run();
  return { ...person, companyId };
}

/** `isMailed`: the secret was sent to the address and never shown to anybody. */
type Opened = { invitation: Invitation; isMailed: boolean };

function requireOpen(ctx: Context, db: Reader, secret: string): Opened {
  const hash = hashSecret(secret);
  const shown = db.select().from(invitations).where(eq(invitations.tokenHash, hash)).get();
  const mailed = db
    .select({ invitation: invitations })
    .from(oneTimeLinks)
    .innerJoin(invitations, eq(invitations.id, oneTimeLinks.invitationId))
    .where(and(eq(oneTimeLinks.tokenHash, hash), eq(oneTimeLinks.kind, 'invitation')))
    .get();
  const invitation = shown ?? mailed?.invitation;
  if (!invitation) throw notFound();
  if (!isOpen(ctx, invitation)) throw expired();
  return { invitation, isMailed: shown === undefined };
}

function isOpen(ctx: Context, { acceptedAt, revokedAt, expiresAt }: Invitation): boolean {
  return acceptedAt === null && revokedAt === null && expiresAt > ctx.clock();
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
      mail: invitations.mailState,
    })
    .from(invitations)
    .leftJoin(companies, eq(companies.id, invitations.companyId));
}
