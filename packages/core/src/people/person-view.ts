/** People as others see them: name and company. */
import { eq } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { companies, users } from '@turnover/db/schema/accounts';
import type { PersonView } from '@turnover/domain/people/accounts';
import { inList } from '../in-list.ts';

/** Loads any number of people in one query. Returns them by id. */
export function viewPeople(db: Reader, ids: readonly string[]): Map<string, PersonView> {
  const rows = db
    .select({ id: users.id, name: users.name, company: companies.name })
    .from(users)
    .leftJoin(companies, eq(companies.id, users.companyId))
    .where(inList(users.id, [...new Set(ids)]))
    .all();
  return new Map(rows.map((row) => [row.id, row]));
}
