/** Writes the audit log out for owners of the hub, piece by piece. */
import { and, gt, lte } from 'drizzle-orm';
import { setImmediate as turn } from 'node:timers/promises';
import type { Reader } from '@turnover/db/open';
import { auditEntries } from '@turnover/db/schema/audit';
import { csvLine, csvStart } from '@turnover/domain/csv';
import { auditFields, type AuditFilter } from '@turnover/domain/server/audit';
import type { Context } from '../context.ts';
import { columns, conditionsOf, rangeOf } from './filter.ts';

const exportedAtOnce = 250;

/** Pages of an export, oldest first. An entry that comes during the export is in it too. */
async function* pagesOf(db: Reader, filter: AuditFilter) {
  const range = rangeOf(db, filter);
  for (let after = range.from - 1; after + 1 < range.until;) {
    // Bounded by numbers, so that a filter that finds nothing does not hold up the process either.
    const until = after + exportedAtOnce;
    const page = db
      .select(columns)
      .from(auditEntries)
      .where(and(gt(auditEntries.seq, after), lte(auditEntries.seq, until), ...conditionsOf(filter)))
      .orderBy(auditEntries.seq)
      .all();
    after = until;
    yield page;
    await turn();
  }
}

/** Writes the entries as CSV for spreadsheets: times in ISO 8601, no formulas. */
export async function* writeAuditCsv({ db }: Pick<Context, 'db'>, filter: AuditFilter) {
  yield csvStart + csvLine([...auditFields, 'hash']);
  for await (const page of pagesOf(db, filter)) {
    yield page
      .map(({ at, ...entry }) => {
        const written = { ...entry, at: new Date(at).toISOString() };
        return csvLine([...auditFields, 'hash' as const].map((field) => String(written[field] ?? '')));
      })
      .join('');
  }
}

/** Writes each entry as one line of JSON. `audit verify --log` reads these lines. */
export async function* writeAuditLines({ db }: Pick<Context, 'db'>, filter: AuditFilter) {
  for await (const page of pagesOf(db, filter)) {
    yield page.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  }
}
