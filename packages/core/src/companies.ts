/** Companies: the facilities people work for. */
import { and, asc, count, eq, ne } from 'drizzle-orm';
import type { z } from 'zod';
import type { Reader } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { companies, users } from '@turnover/db/schema/accounts';
import { memberships } from '@turnover/db/schema/projects';
import type { CompanyView, createCompanyInput, renameCompanyInput } from '@turnover/domain/companies';
import { HubError, notFound } from '@turnover/domain/errors';
import { nameKey } from '@turnover/domain/names';
import type { PersonContext } from './context.ts';

const maxCompaniesListed = 5000;

/** Owners, and coordinators of any project: those who invite people and therefore choose companies. */
export function requireInviter(ctx: PersonContext): void {
  if (ctx.person.isOwner) return;
  const coordinates = and(eq(memberships.userId, ctx.person.id), eq(memberships.role, 'coordinator'));
  if (ctx.db.select({ id: memberships.id }).from(memberships).where(coordinates).limit(1).get()) return;
  throw new HubError('forbidden', 'Only owners of this hub and coordinators can do that.');
}

export function listCompanies(ctx: PersonContext): CompanyView[] {
  return selectCompanies(ctx.db).orderBy(asc(companies.nameKey)).limit(maxCompaniesListed).all();
}

export function createCompany(ctx: PersonContext, { name }: z.infer<typeof createCompanyInput>): CompanyView {
  const id = ctx.newId('company');
  inTransaction(ctx.db, (tx) => {
    requireFreeName(tx, name);
    tx.insert(companies)
      .values({ id, name, nameKey: nameKey(name), createdAt: ctx.clock() })
      .run();
  });
  return viewCompany(ctx.db, id);
}

export function renameCompany(
  ctx: PersonContext,
  { companyId, name }: z.infer<typeof renameCompanyInput>,
): CompanyView {
  inTransaction(ctx.db, (tx) => {
    requireFreeName(tx, name, companyId);
    tx.update(companies)
      .set({ name, nameKey: nameKey(name) })
      .where(eq(companies.id, companyId))
      .run();
  });
  return viewCompany(ctx.db, companyId);
}

function requireFreeName(db: Reader, name: string, exceptId = ''): void {
  const taken = and(eq(companies.nameKey, nameKey(name)), ne(companies.id, exceptId));
  if (db.select({ id: companies.id }).from(companies).where(taken).get()) {
    throw new HubError('name_taken', 'There is already a company of this name.', { name });
  }
}

function selectCompanies(db: Reader) {
  return db
    .select({ id: companies.id, name: companies.name, people: count(users.id) })
    .from(companies)
    .leftJoin(users, eq(users.companyId, companies.id))
    .groupBy(companies.id);
}

function viewCompany(db: Reader, companyId: string): CompanyView {
  const company = selectCompanies(db).where(eq(companies.id, companyId)).get();
  if (!company) throw notFound();
  return company;
}
