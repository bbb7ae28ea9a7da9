/** Unresolved findings. They carry over from round to round. */
import { and, count, eq, gte, isNull, lt, or, type SQL } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { reasonFindings } from '@turnover/db/schema/reasons';
import type { requests } from '@turnover/db/schema/requests';
import { severities } from './reasons.ts';

/** The condition for findings that a round should answer: made before the round, and not resolved in a round before it. */
export function carriedInto(round: number | typeof requests.round): SQL | undefined {
  const { round: foundIn, checkedRound } = reasonFindings;
  return and(lt(foundIn, round), or(isNull(checkedRound), gte(checkedRound, round)));
}

/** The number of unresolved findings of the request over all rounds, and how many of them are blockers. */
export function countOpen(db: Reader, requestId: string): { all: number; blockers: number } {
  const rows = db
    .select({ reason: reasonFindings.reason, open: count() })
    .from(reasonFindings)
    .where(and(eq(reasonFindings.requestId, requestId), isNull(reasonFindings.checkedRound)))
    .groupBy(reasonFindings.reason)
    .all();
  const severityOf = rows.length > 0 ? severities(db) : null;
  const sumOf = (chosen: typeof rows) => chosen.reduce((sum, { open }) => sum + open, 0);
  return {
    all: sumOf(rows),
    blockers: sumOf(rows.filter(({ reason }) => severityOf?.get(reason) === 'blocker')),
  };
}
