/**
 * Finds people to share with: members of the project, colleagues of the sharer's company, and people who are invited as
 * either.
 */
import { and, desc, eq, gt, isNotNull, isNull, max, or, sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { companies, users } from '@turnover/db/schema/accounts';
import { invitations, memberships } from '@turnover/db/schema/projects';
import { shares } from '@turnover/db/schema/shares';
import { nameKey } from '@turnover/domain/names/names';
import { roleGrants } from '@turnover/domain/people/permissions';
import type { RecipientVerdict, RecipientView } from '@turnover/domain/workspace/shares';
import { loadProject, roleIn } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { loadEntry } from '../entries/access.ts';

const suggestions = 8;

export type Recipient = RecipientView & { userId: string | null };

/** Classifies each address for this sharer, in the same order. All addresses of strangers get the same answer. */
export function checkRecipients(
  db: Reader,
  ctx: PersonContext,
  {
    projectId,
    entryIds,
    people,
  }: { projectId: string; entryIds: readonly string[]; people: readonly string[] },
): Recipient[] {
  loadProject(db, ctx.person, projectId, 'workspace:use');
  const owners = new Set(entryIds.map((id) => loadEntry(db, ctx, id).ownerId));
  return [...new Set(people)].map((email) => checkRecipient(db, ctx, projectId, owners, email));
}

/** Classifies one address. `owners`: the owners of the entries to be shared. */
export function checkRecipient(
  db: Reader,
  ctx: PersonContext,
  projectId: string,
  owners: ReadonlySet<string>,
  email: string,
): Recipient {
  const user = selectPeople(db).where(eq(users.email, email)).get();
  const verdict = user
    ? verdictOn(db, ctx, projectId, owners, user)
    : invitedOrNot(db, ctx, projectId, email);
  const known = user && verdict !== 'refused' && verdict !== 'invited';
  const person = known ? { id: user.id, name: user.name, company: user.company } : null;
  return {
    email,
    verdict,
    person,
    userId: person?.id ?? null,
    unconfirmed: person !== null && isTyped(ctx, user),
  };
}

/**
 * Suggests people whose name or address contains the text. Names and addresses that begin with it come first; addresses with a
 * part of the domain that begins with it come last. Among equals, the people the sharer shared with most recently come first.
 */
export function suggestRecipients(
  ctx: PersonContext,
  { projectId, text }: { projectId: string; text: string },
): RecipientView[] {
  const { db, person } = ctx;
  loadProject(db, person, projectId, 'workspace:use');
  const inProject = sql`exists (select 1 from ${memberships} where ${memberships.projectId} = ${projectId}
    and ${memberships.userId} = ${users.id})`;
  const rows = selectPeople(db)
    .where(
      and(
        isNull(users.disabledAt),
        sql`${users.id} <> ${person.id}`,
        person.companyId ? or(inProject, eq(users.companyId, person.companyId)) : inProject,
      ),
    )
    .orderBy(users.name, users.id)
    .limit(5000)
    .all();
  const wanted = nameKey(text.trim());
  const recent = recentGrantees(db, person.id);
  const matching = rows
    .map((user) => ({ user, match: matchOf(user, wanted), since: recent.get(user.id) ?? 0 }))
    .filter(({ match }) => match !== null)
    .sort((one, other) => one.match! - other.match! || other.since - one.since);
  const found: RecipientView[] = [];
  for (const { user } of matching) {
    const verdict = verdictOn(db, ctx, projectId, new Set(), user);
    if (verdict !== 'member' && verdict !== 'company') continue;
    const { id, name, company, email } = user;
    found.push({ email, verdict, person: { id, name, company }, unconfirmed: isTyped(ctx, user) });
    if (found.length === suggestions) break;
  }
  return found;
}

/** Rank of the match, 0 being the best; null when the person does not match. */
function matchOf({ name, email }: User, wanted: string): number | null {
  const words = nameKey(name);
  const [local = '', domain = ''] = email.split('@');
  if (words.split(/\s+/).some((word) => word.startsWith(wanted)) || local.startsWith(wanted)) return 0;
  if (words.includes(wanted) || local.includes(wanted)) return 1;
  if (email.startsWith(wanted)) return 0;
  return beginsInDomain(domain, wanted.replace(/^@/, '')) ? 2 : null;
}

/** True when the text begins a part of the domain, except the last: "co" must not match everybody under .com. */
function beginsInDomain(domain: string, wanted: string): boolean {
  const parts = domain.split('.');
  return parts.slice(0, -1).some((_, index) => parts.slice(index).join('.').startsWith(wanted));
}

/** Time of the person's last share with each grantee, keyed by the grantee's id. */
function recentGrantees(db: Reader, sharerId: string): Map<string, number> {
  const rows = db
    .select({ id: shares.granteeId, at: max(shares.updatedAt) })
    .from(shares)
    .where(and(eq(shares.sharerId, sharerId), isNotNull(shares.granteeId)))
    .groupBy(shares.granteeId)
    .orderBy(desc(max(shares.updatedAt)))
    .limit(100)
    .all();
  return new Map(rows.map(({ id, at }) => [id!, at ?? 0]));
}

type User = {
  id: string;
  name: string;
  email: string;
  company: string | null;
  companyId: string | null;
  disabledAt: number | null;
  emailProvedAt: number | null;
};

/** True when the address is not proved. Always false without mail, because then no address can be proved. */
function isTyped({ mail }: PersonContext, user: User | undefined): boolean {
  return mail.configured && user !== undefined && user.emailProvedAt === null;
}

function selectPeople(db: Reader) {
  return db
    .select({
      id: users.id,
      name: users.name,
      email: users.email,
      company: companies.name,
      companyId: users.companyId,
      disabledAt: users.disabledAt,
      emailProvedAt: users.emailProvedAt,
    })
    .from(users)
    .leftJoin(companies, eq(companies.id, users.companyId))
    .$dynamic();
}

function verdictOn(
  db: Reader,
  { person, clock }: PersonContext,
  projectId: string,
  owners: ReadonlySet<string>,
  user: User,
): RecipientVerdict {
  if (user.id === person.id) return 'self';
  if (user.disabledAt !== null) return 'refused';
  const role = roleIn(db, { ...person, id: user.id }, projectId);
  if (role === null) {
    if (person.companyId !== null && user.companyId === person.companyId) return 'company';
    return isInvited(db, projectId, user.email, null, clock()) ? 'invited' : 'refused';
  }
  if (!roleGrants(role, false, 'workspace:use')) return 'no_workspace';
  return owners.has(user.id) ? 'owner' : 'member';
}

function invitedOrNot(
  db: Reader,
  { person, clock }: PersonContext,
  projectId: string,
  email: string,
): RecipientVerdict {
  return isInvited(db, projectId, email, person.companyId, clock()) ? 'invited' : 'refused';
}

/** True when the address is invited to the sharer's company, or to the project with a role that has a Workspace. */
function isInvited(
  db: Reader,
  projectId: string,
  email: string,
  companyId: string | null,
  now: number,
): boolean {
  const open = db
    .select({ role: invitations.role, projectId: invitations.projectId, companyId: invitations.companyId })
    .from(invitations)
    .where(
      and(
        eq(invitations.email, email),
        isNull(invitations.acceptedAt),
        isNull(invitations.revokedAt),
        gt(invitations.expiresAt, now),
      ),
    )
    .all();
  return open.some(
    (invitation) =>
      (invitation.projectId === projectId && roleGrants(invitation.role, false, 'workspace:use')) ||
      (companyId !== null && invitation.companyId === companyId),
  );
}
