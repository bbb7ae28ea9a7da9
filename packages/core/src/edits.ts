/**
 * Revisions of things that several people may edit at once. An edit that started before another one was saved is refused, and
 * the error names the person and the fields, so that nobody overwrites changes that they have not seen.
 */
import { and, asc, eq, gt, lte, max, sql, type SQL } from 'drizzle-orm';
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core';
import type { Reader, Transaction } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { edits } from '@turnover/db/schema/edits';
import { HubError } from '@turnover/domain/errors';
import type { PersonContext } from './context.ts';
import { inList } from './in-list.ts';
import { knownTo } from './known-people.ts';

/** Edits kept for each thing. Somebody who is further behind learns that it changed, but not every changed field. */
const keptEdits = 50;

/** `projectId`: null for things of the whole hub. Their editors may know each other's names. */
export type Subject = { id: string; name: string; projectId: string | null };

/** The present revision as a column of a query. */
export function revisionOf(subjectId: SQLiteColumn): SQL<number> {
  return sql<number>`(select coalesce(max(revision), 0) from edits where edits.subject_id = ${subjectId})`;
}

export function currentRevision(db: Reader, subjectId: string): number {
  const last = db.get<{ revision: number }>(
    sql`select coalesce(max(revision), 0) as revision from edits where subject_id = ${subjectId}`,
  );
  return last.revision;
}

/** The revisions of many things, keyed by id. Things without edits are left out. */
export function revisionsOf(db: Reader, subjectIds: readonly string[]): Map<string, number> {
  const rows = db
    .select({ id: edits.subjectId, revision: max(edits.revision) })
    .from(edits)
    .where(inList(edits.subjectId, subjectIds))
    .groupBy(edits.subjectId)
    .all();
  return new Map(rows.map(({ id, revision }) => [id, revision ?? 0]));
}

/** Records an edit. Call it in the transaction of the edit. Does nothing without changed fields. */
export function recordEdit(
  tx: Transaction,
  { clock, person }: PersonContext,
  subjectId: string,
  fields: readonly string[],
): void {
  if (fields.length === 0) return;
  const revision = currentRevision(tx, subjectId) + 1;
  tx.insert(edits)
    .values({ subjectId, revision, fields: [...fields], by: person.id, at: clock() })
    .run();
  tx.delete(edits)
    .where(and(eq(edits.subjectId, subjectId), lte(edits.revision, revision - keptEdits)))
    .run();
}

/** The fields whose values differ, for `recordEdit`. */
export function changedFields<Fields, Field extends keyof Fields>(
  before: Fields,
  after: Pick<Fields, Field>,
  fields: readonly Field[],
): Field[] {
  return fields.filter((field) => before[field] !== after[field]);
}

/** Throws `changed_meanwhile` when the thing was edited after revision `seen`. Undefined skips the check. */
export function requireRevision(
  tx: Transaction,
  { person }: PersonContext,
  subject: Subject,
  seen: number | undefined,
): void {
  if (seen === undefined) return;
  if (currentRevision(tx, subject.id) !== seen) throw editedMeanwhile(tx, person.id, subject, seen);
}

/** The error for an edit that started before another one was saved. Its details name the last editor and all changed fields. */
export function editedMeanwhile(
  db: Reader,
  readerId: string,
  { id, name, projectId }: Subject,
  seen: number,
): HubError {
  const since = db
    .select({ fields: edits.fields, by: edits.by, name: users.name })
    .from(edits)
    .innerJoin(users, eq(users.id, edits.by))
    .where(and(eq(edits.subjectId, id), gt(edits.revision, seen)))
    .orderBy(asc(edits.revision))
    .all();
  const last = since.at(-1);
  const isKnown = last && (projectId === null || knownTo(db, readerId, projectId)(last.by));
  return new HubError('changed_meanwhile', `“${name}” was edited in the meantime.`, {
    what: 'edited',
    name,
    by: isKnown ? last.name : null,
    byYou: last?.by === readerId,
    revision: currentRevision(db, id),
    fields: [...new Set(since.flatMap(({ fields }) => fields))].join(','),
  });
}
