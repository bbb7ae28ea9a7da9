/**
 * Gives people what their groups at the OpenID provider say, at each sign-in there, and takes away what earlier groups gave.
 * What people gave by hand stays as it is: groups add to it.
 */
import { and, eq, isNull, ne } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { companies, companyMakers, identities, users } from '@turnover/db/schema/accounts';
import { projects } from '@turnover/db/schema/projects';
import { nameKey } from '@turnover/domain/names/names';
import type { GroupRole, OidcSettings } from '@turnover/domain/people/oidc';
import type { Role } from '@turnover/domain/people/projects';
import { recordAct } from '../audit/record.ts';
import type { Context, Person, PersonContext } from '../context.ts';
import { signalAccount } from '../events.ts';
import { findActivePerson } from '../people/accounts.ts';
import { changeRole, endMembership, isLastCoordinator } from '../people/member-roles.ts';
import { findMembership, joinProject, type Membership } from '../people/memberships.ts';
import { bindShares } from '../shares/joining.ts';

export type Identity = typeof identities.$inferSelect;
type Given = Identity['given'];
/** What changed, for the audit log: `owner`, `prj_…:uploader` and `com_…`. */
type Changes = { gave: string[]; took: string[] };

export const nothingGiven: Given = { owner: false, roles: {}, companyId: null };

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
    roles: applyProjects(tx, acting, identity.given, projectsOf(settings, groups), changes),
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

/** Takes what a provider gave that the hub had before: nobody signs in there any more. */
export function takeFormer(tx: Transaction, ctx: Context, userId: string, issuer: string): void {
  const former = and(eq(identities.userId, userId), ne(identities.issuer, issuer));
  for (const identity of tx.select().from(identities).where(former).all()) {
    const person = findActivePerson(tx, userId);
    if (person) applyGroups(tx, ctx, { identity, person, groups: [] }, { roles: [], companies: [] });
  }
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
  ctx: PersonContext,
  given: Given,
  wanted: boolean,
  changes: Changes,
): boolean {
  const { person } = ctx;
  const own = eq(users.id, person.id);
  if (wanted && !person.isOwner) {
    tx.update(users).set({ isOwner: true }).where(own).run();
    changes.gave.push('owner');
    return true;
  }
  if (wanted || !given.owner) return given.owner;
  if (!hasOtherOwner(tx, ctx, person.id)) {
    ctx.log('warn', 'oidc.lastOwner', { userId: person.id });
    return true;
  }
  tx.update(users).set({ isOwner: false }).where(own).run();
  changes.took.push('owner');
  return false;
}

/** Where the provider is the only way to sign in, an owner counts who is connected with it. */
function hasOtherOwner(db: Reader, { oidc }: Context, userId: string): boolean {
  const other = and(eq(users.isOwner, true), ne(users.id, userId), isNull(users.disabledAt));
  const owners = db.select({ id: users.id }).from(users).where(other).all();
  const only = oidc?.settings.only ? oidc.settings.issuer : null;
  return owners.some(({ id }) => only === null || isConnectedWith(db, id, only));
}

function isConnectedWith(db: Reader, userId: string, provider: string): boolean {
  const own = eq(identities.userId, userId);
  const list = db.select({ issuer: identities.issuer }).from(identities).where(own).all();
  return list.some(({ issuer }) => isSameIssuer(issuer, provider));
}

function applyProjects(
  tx: Transaction,
  ctx: PersonContext,
  given: Given,
  wanted: Map<string, Role>,
  changes: Changes,
): Given['roles'] {
  const kept: Given['roles'] = {};
  for (const [projectId, role] of Object.entries(given.roles)) {
    if (!wanted.has(projectId) && !leave(tx, ctx, { projectId, role }, changes)) kept[projectId] = role;
  }
  for (const [projectId, role] of wanted) {
    const held = holdRole(tx, ctx, { projectId, role, given: given.roles[projectId] }, changes);
    if (held !== null) kept[projectId] = held;
  }
  return kept;
}

/**
 * `given`: the role that groups gave at the sign-in before; a member with another one has it by hand, and keeps it. Returns
 * the role that groups give now; null when they give none.
 */
function holdRole(
  tx: Transaction,
  ctx: PersonContext,
  { projectId, role, given }: { projectId: string; role: Role; given: Role | undefined },
  changes: Changes,
): Role | null {
  const member = { projectId, userId: ctx.person.id };
  const membership = findMembership(tx, projectId, member.userId);
  if (membership) {
    if (membership.role !== given) return null;
    if (given === role || isKept(tx, ctx, membership)) return given;
    changeRole(tx, ctx, membership, role);
  } else {
    const project = tx.select({ id: projects.id }).from(projects).where(eq(projects.id, projectId)).get();
    if (!project) {
      ctx.log('warn', 'oidc.unknownProject', { projectId });
      return null;
    }
    joinProject(tx, ctx, member, role);
    bindShares(tx, ctx, ctx.person);
  }
  changes.gave.push(`${projectId}:${role}`);
  return role;
}

/** Returns false for a membership that a project keeps, so that a later sign-in takes it. */
function leave(
  tx: Transaction,
  ctx: PersonContext,
  { projectId, role }: { projectId: string; role: Role },
  changes: Changes,
): boolean {
  const membership = findMembership(tx, projectId, ctx.person.id);
  // Another role is by hand.
  if (membership?.role !== role) return true;
  if (isKept(tx, ctx, membership)) return false;
  endMembership(tx, ctx, membership);
  changes.took.push(`${projectId}:${role}`);
  return true;
}

/** A project keeps its last coordinator, as the hub its last owner. */
function isKept(tx: Transaction, ctx: Context, membership: Membership): boolean {
  if (!isLastCoordinator(tx, membership)) return false;
  const { projectId, userId } = membership;
  ctx.log('warn', 'oidc.lastCoordinator', { projectId, userId });
  return true;
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

/**
 * The settings of the hub name it, so it is made when there is none. A company that a coordinator made is not it: they would
 * get everybody of the group as colleagues.
 */
function companyNamed(tx: Transaction, ctx: PersonContext, name: string): string | null {
  const key = nameKey(name);
  const found = tx
    .select({ id: companies.id, maker: companyMakers.userId, isByOwner: users.isOwner })
    .from(companies)
    .leftJoin(companyMakers, eq(companyMakers.companyId, companies.id))
    .leftJoin(users, eq(users.id, companyMakers.userId))
    .where(eq(companies.nameKey, key))
    .get();
  if (!found) return makeCompany(tx, ctx, name);
  if (found.maker === null || found.isByOwner) return found.id;
  ctx.log('warn', 'oidc.companyOfCoordinator', { companyId: found.id, userId: ctx.person.id });
  return null;
}

function makeCompany(tx: Transaction, ctx: PersonContext, name: string): string {
  const id = ctx.newId('company');
  tx.insert(companies)
    .values({ id, name, nameKey: nameKey(name), createdAt: ctx.clock() })
    .run();
  const { person } = ctx;
  recordAct(tx, ctx, { action: 'identities.makeCompany', actor: person, subject: id, details: { name } });
  return id;
}
