/** The view of people for others: name and company. */
import { eq } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { companies, users } from '@turnover/db/schema/accounts';
import type { KnownPersonView, PersonView } from '@turnover/domain/people/accounts';
import type { Person } from '../context.ts';
import { inList } from '../in-list.ts';
import { knownTo } from '../known-people.ts';

/** Loads any number of people in one query, keyed by id. */
export function viewPeople(db: Reader, ids: readonly string[]): Map<string, PersonView> {
  const rows = db
    .select({ id: users.id, name: users.name, company: companies.name })
    .from(users)
    .leftJoin(companies, eq(companies.id, users.companyId))
    .where(inList(users.id, [...new Set(ids)]))
    .all();
  return new Map(rows.map((row) => [row.id, row]));
}

/** Views for a reader in a project. Returns null for people whose names the reader may not know. */
export function viewKnownPeople(
  db: Reader,
  reader: Person,
  projectId: string,
  ids: readonly string[],
): (id: string) => KnownPersonView {
  const people = viewPeople(db, ids);
  const mayKnow = knownTo(db, reader.id, projectId);
  return (id) => (mayKnow(id) ? (people.get(id) ?? null) : null);
}
