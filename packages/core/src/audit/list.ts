/** Reads the audit log for owners of the hub, a page at a time. */
import { and, desc, eq, gte, lt } from 'drizzle-orm';
import { setImmediate as turn } from 'node:timers/promises';
import type { Reader } from '@turnover/db/open';
import { auditEntries } from '@turnover/db/schema/audit';
import { projects } from '@turnover/db/schema/projects';
import type {
  AuditEntryView,
  AuditFilter,
  AuditListView,
  listAuditInput,
} from '@turnover/domain/server/audit';
import type { z } from 'zod';
import type { Context } from '../context.ts';
import { columns, conditionsOf, rangeOf, type Range } from './filter.ts';

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
