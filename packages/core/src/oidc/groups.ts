/**
 * Gives people what their groups at the OpenID provider say, at each sign-in there, and takes away what earlier groups gave.
 * What people gave by hand stays as it is: groups add to it.
 */
import { and, eq, isNull, ne } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { companies, identities, users } from '@turnover/db/schema/accounts';
import { memberships, projects } from '@turnover/db/schema/projects';
import { nameKey } from '@turnover/domain/names/names';
import type { GroupRole, OidcSettings } from '@turnover/domain/people/oidc';
import type { Role } from '@turnover/domain/people/projects';
import { recordAct } from '../audit/record.ts';
import type { Context, Person, PersonContext } from '../context.ts';
import { signalAccount } from '../events.ts';
import { findMembership, joinProject, recordMembership } from '../people/memberships.ts';
import { bindShares } from '../shares/joining.ts';

export type Identity = typeof identities.$inferSelect;
type Given = Identity['given'];
/** What changed, for the audit log: `owner`, `prj_…:uploader` and `com_…`. */
type Changes = { gave: string[]; took: string[] };

export const nothingGiven: Given = { owner: false, projectIds: [], companyId: null };

/** Settings may write it with or without the last slash. */
export function isSameIssuer(one: string, other: string): boolean {
  return one.replace(/\/$/, '') === other.replace(/\/$/, '');
}

/** The settings that say what groups give. */
type GroupSettings = Pick<OidcSettings, 'roles' | 'companies'>;

/** True when one of the groups gives a role. */
export function givesRole({ roles }: GroupSettings, groups: readonly string[]): boolean {
  return rolesOf(roles, groups).length > 0;
}

/** Call it in a transaction. Nobody's groups: pass none. */
export function applyGroups(
  tx: Transaction,
  ctx: Context,
  { identity, person, groups }: { identity: Identity; person: Person; groups: readonly string[] },
  settings: GroupSettings,
): void {
  const changes: Changes = { gave: [], took: [] };
  const acting = { ...ctx, person };
  const given: Given = {
    owner: applyOwner(tx, acting, identity.given, isOwnerBy(settings, groups), changes),
    projectIds: applyProjects(tx, acting, identity.given, projectsOf(settings, groups), changes),
    companyId: applyCompany(tx, acting, identity.given, companyOf(settings, groups), changes),
  };
  tx.update(identities).set({ given }).where(eq(identities.id, identity.id)).run();
  if (changes.gave.length + changes.took.length === 0) return;
  signalAccount(tx, acting, person.id);
  recordAct(tx, ctx, {
    action: 'identities.applyGroups',
    actor: person,
    subject: person.id,
    details: changes,
  });
}

function rolesOf(roles: readonly GroupRole[], groups: readonly string[]): GroupRole['gives'][] {
  const own = new Set(groups);
  return roles.filter(({ group }) => own.has(group)).map(({ gives }) => gives);
}

function isOwnerBy({ roles }: GroupSettings, groups: readonly string[]): boolean {
  return rolesOf(roles, groups).some(({ role }) => role === 'owner');
}

/** The first line of a project that fits decides, as the setting lists them. */
function projectsOf({ roles }: GroupSettings, groups: readonly string[]): Map<string, Role> {
  const wanted = new Map<string, Role>();
  for (const gives of rolesOf(roles, groups)) {
    if ('projectId' in gives && !wanted.has(gives.projectId)) wanted.set(gives.projectId, gives.role);
  }
  return wanted;
}

function companyOf({ companies }: GroupSettings, groups: readonly string[]): string | null {
  return companies.find(({ group }) => groups.includes(group))?.company ?? null;
}

/** The hub keeps its last owner, because nobody could appoint another one. */
function applyOwner(
  tx: Transaction,
  { person }: PersonContext,
  given: Given,
  wanted: boolean,
  changes: Changes,
): boolean {
  const own = eq(users.id, person.id);
  if (wanted && !person.isOwner) {
    tx.update(users).set({ isOwner: true }).where(own).run();
    changes.gave.push('owner');
    return true;
  }
  if (wanted || !given.owner) return given.owner;
  if (!hasOtherOwner(tx, person.id)) return true;
  tx.update(users).set({ isOwner: false }).where(own).run();
  changes.took.push('owner');
  return false;
}

function hasOtherOwner(db: Reader, userId: string): boolean {
  const other = and(eq(users.isOwner, true), ne(users.id, userId), isNull(users.disabledAt));
  return db.select({ id: users.id }).from(users).where(other).limit(1).get() !== undefined;
}

function applyProjects(
  tx: Transaction,
  ctx: PersonContext,
  given: Given,
  wanted: Map<string, Role>,
  changes: Changes,
): string[] {
  for (const projectId of given.projectIds) {
    if (!wanted.has(projectId)) leave(tx, ctx, projectId, changes);
  }
  const kept: string[] = [];
  for (const [projectId, role] of wanted) {
    if (holdRole(tx, ctx, { projectId, role, isGiven: given.projectIds.includes(projectId) }, changes))
      kept.push(projectId);
  }
  return kept;
}

/** Returns true when the membership is one that groups gave. */
function holdRole(
  tx: Transaction,
  ctx: PersonContext,
  { projectId, role, isGiven }: { projectId: string; role: Role; isGiven: boolean },
  changes: Changes,
): boolean {
  const member = { projectId, userId: ctx.person.id };
  const membership = findMembership(tx, projectId, member.userId);
  if (membership && (!isGiven || membership.role === role)) return isGiven;
  if (membership) {
    tx.update(memberships).set({ role }).where(eq(memberships.id, membership.id)).run();
    recordMembership(tx, ctx, 'member.roleChanged', member, role);
  } else {
    const project = tx.select({ id: projects.id }).from(projects).where(eq(projects.id, projectId)).get();
    if (!project) {
      ctx.log('warn', 'oidc.unknownProject', { projectId });
      return false;
    }
    joinProject(tx, ctx, member, role);
    bindShares(tx, ctx, ctx.person);
  }
  changes.gave.push(`${projectId}:${role}`);
  return true;
}

function leave(tx: Transaction, ctx: PersonContext, projectId: string, changes: Changes): void {
  const member = { projectId, userId: ctx.person.id };
  const membership = findMembership(tx, projectId, member.userId);
  if (!membership) return;
  tx.delete(memberships).where(eq(memberships.id, membership.id)).run();
  recordMembership(tx, ctx, 'member.removed', member, membership.role);
  changes.took.push(`${projectId}:${membership.role}`);
}

/** A company that somebody chose by hand since stays. */
function applyCompany(
  tx: Transaction,
  ctx: PersonContext,
  given: Given,
  name: string | null,
  changes: Changes,
): string | null {
  const row = tx.select({ now: users.companyId }).from(users).where(eq(users.id, ctx.person.id)).get();
  const now = row?.now ?? null;
  if (now !== null && now !== given.companyId) return null;
  const companyId = name === null ? null : companyNamed(tx, ctx, name);
  if (companyId === now) return companyId;
  tx.update(users).set({ companyId }).where(eq(users.id, ctx.person.id)).run();
  if (now !== null) changes.took.push(now);
  if (companyId !== null) changes.gave.push(companyId);
  return companyId;
}

/** The settings of the hub name it, so it is made when there is none. */
function companyNamed(tx: Transaction, ctx: Context, name: string): string {
  const key = nameKey(name);
  const found = tx.select({ id: companies.id }).from(companies).where(eq(companies.nameKey, key)).get();
  if (found) return found.id;
  const id = ctx.newId('company');
  tx.insert(companies).values({ id, name, nameKey: key, createdAt: ctx.clock() }).run();
  return id;
}
