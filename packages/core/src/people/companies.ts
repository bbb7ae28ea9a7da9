/** Companies: the facilities that people work for. */
import { and, asc, count, eq, gte, lt, ne, or, sql, type SQL } from 'drizzle-orm';
import type { z } from 'zod';
import type { Reader, Transaction } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { companies, companyMakers, identities, users } from '@turnover/db/schema/accounts';
import { invitations, memberships } from '@turnover/db/schema/projects';
import { requestAssignees } from '@turnover/db/schema/requests';
import type {
  CompanyView,
  createCompanyInput,
  mergeCompaniesInput,
  renameCompanyInput,
} from '@turnover/domain/people/companies';
import { HubError, notFound } from '@turnover/domain/errors';
import { nameKey } from '@turnover/domain/names/names';
import type { Person, PersonContext } from '../context.ts';
import { signalAccount } from '../events.ts';

const maxCompaniesListed = 5000;

/** Throws `forbidden` unless the person is an owner or coordinates a project: only they invite people and choose companies. */
export function requireInviter(ctx: PersonContext): void {
  if (ctx.person.isOwner) return;
  const coordinates = and(eq(memberships.userId, ctx.person.id), eq(memberships.role, 'coordinator'));
  if (ctx.db.select({ id: memberships.id }).from(memberships).where(coordinates).limit(1).get()) return;
  throw new HubError('forbidden', 'Only owners of this hub and coordinators can do that.');
}

/** Lists the companies of people who share a project with the person, and counts only those people. Owners see all companies. */
export function listCompanies(ctx: PersonContext): CompanyView[] {
  return selectCompanies(ctx.db, ctx.person)
    .where(visibleTo(ctx.person))
    .orderBy(asc(companies.nameKey))
    .limit(maxCompaniesListed)
    .all();
}

/** Throws `not_found` for a company that the person may not see, as for one that does not exist. */
export function requireVisibleCompany(db: Reader, person: Person, companyId: string): void {
  const found = db
    .select({ id: companies.id })
    .from(companies)
    .where(and(eq(companies.id, companyId), visibleTo(person)))
    .get();
  if (!found) throw notFound();
}

/**
 * Creates a company. Its name must be unique among the companies that the person sees. A company that they do not see may
 * have the same name: refusing the name would reveal that company, and joining it by name would make strangers colleagues.
 * Owners see both and can rename or merge them.
 */
export function createCompany(ctx: PersonContext, { name }: z.infer<typeof createCompanyInput>): CompanyView {
  const id = ctx.newId('company');
  inTransaction(ctx.db, (tx) => {
    requireFreeName(tx, ctx.person, name);
    tx.insert(companies)
      .values({ id, name, nameKey: freeKey(tx, name, id), createdAt: ctx.clock() })
      .run();
    tx.insert(companyMakers).values({ companyId: id, userId: ctx.person.id }).run();
  });
  return viewCompany(ctx, id);
}

export function renameCompany(
  ctx: PersonContext,
  { companyId, name }: z.infer<typeof renameCompanyInput>,
): CompanyView {
  inTransaction(ctx.db, (tx) => {
    requireFreeName(tx, ctx.person, name, companyId);
    tx.update(companies)
      .set({ name, nameKey: freeKey(tx, name, companyId) })
      .where(eq(companies.id, companyId))
      .run();
  });
  return viewCompany(ctx, companyId);
}

/**
 * Moves everybody of one company into the other. Needed when two people created companies of the same name without seeing the
 * other's.
 */
export function mergeCompanies(
  ctx: PersonContext,
  { companyId, intoCompanyId }: z.infer<typeof mergeCompaniesInput>,
): CompanyView {
  if (companyId === intoCompanyId) throw new HubError('conflict', 'Choose two different companies.');
  inTransaction(ctx.db, (tx) => {
    for (const id of [companyId, intoCompanyId]) requireVisibleCompany(tx, ctx.person, id);
    const people = tx.select({ id: users.id }).from(users).where(eq(users.companyId, companyId)).all();
    tx.update(users).set({ companyId: intoCompanyId }).where(eq(users.companyId, companyId)).run();
    tx.update(invitations)
      .set({ companyId: intoCompanyId })
      .where(eq(invitations.companyId, companyId))
      .run();
    mergeAssignments(tx, companyId, intoCompanyId);
    mergeGiven(tx, companyId, intoCompanyId);
    tx.delete(companyMakers).where(eq(companyMakers.companyId, companyId)).run();
    tx.delete(companies).where(eq(companies.id, companyId)).run();
    for (const { id } of people) signalAccount(tx, ctx, id);
  });
  return viewCompany(ctx, intoCompanyId);
}

/** Moves assignments. A request that is assigned to both companies keeps one assignment. */
function mergeAssignments(tx: Transaction, companyId: string, intoCompanyId: string): void {
  const ofInto = tx
    .select({ id: requestAssignees.requestId })
    .from(requestAssignees)
    .where(eq(requestAssignees.companyId, intoCompanyId));
  const both = and(
    eq(requestAssignees.companyId, companyId),
    sql`${requestAssignees.requestId} in ${ofInto}`,
  );
  tx.delete(requestAssignees).where(both).run();
  tx.update(requestAssignees)
    .set({ companyId: intoCompanyId })
    .where(eq(requestAssignees.companyId, companyId))
    .run();
}

/** What groups at the OpenID provider gave stays theirs, so that they take it away again. */
function mergeGiven(tx: Transaction, companyId: string, intoCompanyId: string): void {
  const given = sql`json_set(${identities.given}, '$.companyId', ${intoCompanyId})`;
  tx.update(identities)
    .set({ given: given as never })
    .where(sql`${identities.given} ->> '$.companyId' = ${companyId}`)
    .run();
}

function requireFreeName(db: Reader, person: Person, name: string, exceptId = ''): void {
  const taken = and(hasName(name), ne(companies.id, exceptId), visibleTo(person));
  if (db.select({ id: companies.id }).from(companies).where(taken).limit(1).get()) {
    throw new HubError('name_taken', 'There is already a company with this name.', { name });
  }
}

/** Separates the name key from the id, in keys of companies whose name is used twice. */
const keyMark = '\u0001';

/** The key of the name, made longer when a company that the person does not see has the same key. */
function freeKey(db: Reader, name: string, companyId: string): string {
  const key = nameKey(name);
  const taken = and(eq(companies.nameKey, key), ne(companies.id, companyId));
  const isFree = db.select({ id: companies.id }).from(companies).where(taken).get() === undefined;
  return isFree ? key : `${key}${keyMark}${companyId}`;
}

function hasName(name: string) {
  const key = nameKey(name);
  return or(
    eq(companies.nameKey, key),
    and(gte(companies.nameKey, key + keyMark), lt(companies.nameKey, key + String.fromCharCode(2))),
  );
}

/** SQL condition for the companies that the person may see; undefined for owners, who see all. */
function visibleTo(person: Person): SQL | undefined {
  if (person.isOwner) return undefined;
  return sql`(${companies.id} = ${person.companyId}
    or ${companies.id} in (select company_id from company_makers where user_id = ${person.id})
    or ${companies.id} in (select colleague.company_id from ${peopleNear(person)})
    or ${companies.id} in (
      select invited.company_id from invitations as invited
        join memberships as mine on mine.project_id = invited.project_id and mine.user_id = ${person.id}
      where mine.role = 'coordinator' and invited.accepted_at is null and invited.revoked_at is null))`;
}

/** SQL query of everybody who shares a project with the person. */
function peopleNear(person: Person): SQL {
  return sql`memberships as own
    join memberships as theirs on theirs.project_id = own.project_id
    join users as colleague on colleague.id = theirs.user_id
    where own.user_id = ${person.id}`;
}

function selectCompanies(db: Reader, person: Person) {
  const near = sql`(${users.id} = ${person.id} or ${users.id} in (select colleague.id from ${peopleNear(person)}))`;
  return db
    .select({ id: companies.id, name: companies.name, people: count(users.id) })
    .from(companies)
    .leftJoin(users, and(eq(users.companyId, companies.id), person.isOwner ? undefined : near))
    .groupBy(companies.id)
    .$dynamic();
}

function viewCompany(ctx: PersonContext, companyId: string): CompanyView {
  const company = selectCompanies(ctx.db, ctx.person).where(eq(companies.id, companyId)).get();
  if (!company) throw notFound();
  return company;
}
