/** Turns a filter of the audit log into conditions of a query, and into the numbers of the entries to read. */
import { eq, gte, lt, or, sql, type SQL } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { auditEntries } from '@turnover/db/schema/audit';
import type { AuditFilter } from '@turnover/domain/server/audit';
import { lastEntry } from './record.ts';

export const columns = {
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

/** Numbers of entries: from the first to before the last. */
export type Range = { from: number; until: number };

/**
 * The entries of a time. The clock may have been set back, so each end is that of the outermost entry. The plus signs make SQLite
 * use the index of times; otherwise it reads the table in the order of `seq`.
 */
export function rangeOf(db: Reader, { from, to }: AuditFilter): Range {
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

/** Those of the filter that hold for one entry alone. */
export function conditionsOf({ area, actorId, projectId, from, to, text }: AuditFilter): (SQL | undefined)[] {
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
