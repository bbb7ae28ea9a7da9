/** Reads the audit log for owners of the hub: a page at a time, and all of it for an export. */
import { and, desc, eq, gte, gt, lt, lte, or, sql, type SQL } from 'drizzle-orm';
import { setImmediate as turn } from 'node:timers/promises';
import type { Reader } from '@turnover/db/open';
import { auditEntries } from '@turnover/db/schema/audit';
import { projects } from '@turnover/db/schema/projects';
import { csvLine, csvStart } from '@turnover/domain/csv';
import {
  auditFields,
  type AuditEntryView,
  type AuditFilter,
  type AuditListView,
  type listAuditInput,
} from '@turnover/domain/server/audit';
import type { z } from 'zod';
import type { Context } from '../context.ts';
import { lastEntry } from './record.ts';

/** A search for text reads this many entries at once, which takes a few milliseconds, and at most so many times for one page. */
const searchedAtOnce = 4000;
const maxSearches = 50;

/** The newest entries first. A search for text may return a short page with a `next`, when it has not read the whole log. */
export async function listAudit(
  { db }: Pick<Context, 'db'>,
  { before, limit, ...filter }: z.output<typeof listAuditInput>,
): Promise<AuditListView> {
  const range = rangeOf(db, filter);
  let until = Math.min(range.until, before ?? Infinity);
  const entries: AuditEntryView[] = [];
  const filtered = namesOf(db, filter);
  for (let searches = 0; searches < maxSearches && until > range.from; searches++) {
    if (searches > 0) await turn();
    const from = filter.text ? Math.max(range.from, until - searchedAtOnce) : range.from;
    const missing = limit - entries.length;
    const page = select(db, filter, { from, until }, missing);
    entries.push(...page);
    if (page.length === missing) return { entries, next: nextOf(page.at(-1)!.seq, range.from), filtered };
    until = from;
  }
  return { entries, next: nextOf(until, range.from), filtered };
}

/** The address of the person as in their newest entry, and the name of the project. */
function namesOf(db: Reader, { actorId = '', projectId = '' }: AuditFilter): AuditListView['filtered'] {
  const { seq, actor } = auditEntries;
  const newest = db
    .select({ actor })
    .from(auditEntries)
    .where(eq(auditEntries.actorId, actorId))
    .orderBy(desc(seq))
    .limit(1)
    .get();
  const project = db.select({ name: projects.name }).from(projects).where(eq(projects.id, projectId)).get();
  return { actor: newest?.actor ?? null, project: project?.name ?? null };
}

function nextOf(until: number, from: number): number | null {
  return until > from ? until : null;
}

/** Numbers of entries: from the first to before the last. */
type Range = { from: number; until: number };

/**
 * The entries of a time. The clock may have been set back, so each end is that of the outermost entry. The plus signs make SQLite
 * use the index of times; otherwise it reads the table in the order of `seq`.
 */
function rangeOf(db: Reader, { from, to }: AuditFilter): Range {
  const { seq, at } = auditEntries;
  const first =
    from === undefined
      ? 1
      : db
          .select({ seq: sql<number | null>`min(+${seq})` })
          .from(auditEntries)
          .where(gte(at, from))
          .get()?.seq;
  const last =
    to === undefined
      ? lastEntry(db).seq
      : db
          .select({ seq: sql<number | null>`max(+${seq})` })
          .from(auditEntries)
          .where(lt(at, to))
          .get()?.seq;
  return { from: first ?? Infinity, until: (last ?? 0) + 1 };
}

function select(db: Reader, filter: AuditFilter, { from, until }: Range, limit: number): AuditEntryView[] {
  const { hash: _, projectId, ...fields } = columns;
  return db
    .select({ ...fields, projectId, projectName: projects.name })
    .from(auditEntries)
    .leftJoin(projects, eq(projects.id, auditEntries.projectId))
    .where(and(gte(auditEntries.seq, from), lt(auditEntries.seq, until), ...conditionsOf(filter)))
    .orderBy(desc(auditEntries.seq))
    .limit(limit)
    .all()
    .map(({ projectId: id, projectName, ...entry }) => ({
      ...entry,
      project: id === null ? null : { id, name: projectName ?? id },
    }));
}

const columns = {
  seq: auditEntries.seq,
  at: auditEntries.at,
  area: auditEntries.area,
  action: auditEntries.action,
  actorId: auditEntries.actorId,
  actor: auditEntries.actor,
  via: auditEntries.via,
  viaId: auditEntries.viaId,
  address: auditEntries.address,
  projectId: auditEntries.projectId,
  subject: auditEntries.subject,
  details: auditEntries.details,
  hash: auditEntries.hash,
};

/** Those of the filter that hold for one entry alone. */
function conditionsOf({ area, actorId, projectId, from, to, text }: AuditFilter): (SQL | undefined)[] {
  return [
    area ? eq(auditEntries.area, area) : undefined,
    actorId ? eq(auditEntries.actorId, actorId) : undefined,
    projectId ? eq(auditEntries.projectId, projectId) : undefined,
    from === undefined ? undefined : gte(auditEntries.at, from),
    to === undefined ? undefined : lt(auditEntries.at, to),
    text ? or(...searched.map((column) => contains(column, text))) : undefined,
  ];
}

const searched = [
  auditEntries.action,
  auditEntries.actor,
  auditEntries.actorId,
  auditEntries.address,
  auditEntries.subject,
  auditEntries.projectId,
  auditEntries.details,
];

function contains(column: (typeof searched)[number], text: string): SQL {
  return sql`${column} like ${`%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`} escape '\\'`;
}

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
