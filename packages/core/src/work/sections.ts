/** The sections of My work: which requests belong to each, and in what order. */
import { and, asc, count, eq, inArray, lte, sql, type SQL } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { requests, rounds } from '@turnover/db/schema/requests';
import { criticalMs } from '@turnover/domain/requests/due-buckets';
import type { RequestStatus } from '@turnover/domain/requests/machine';
import { maxWorkRows, type WorkSectionName } from '@turnover/domain/work/work';
import type { DeliveryRequest } from '../access.ts';

export type RequestSection = Exclude<WorkSectionName, 'unanswered' | 'transit'>;

/** Sorts requests without a due date last. */
const byDue = sql`coalesce(${requests.dueAt}, 9e15)`;

/** When the last round was submitted or processed. Interpolates the column, so that the compiler checks its name. */
function ofLastRound(column: typeof rounds.submittedAt | typeof rounds.processedAt): SQL {
  return sql`(select ${column} from ${rounds} where ${rounds.requestId} = ${requests.id}
    order by ${rounds.number} desc limit 1)`;
}

const inStatus = (...statuses: RequestStatus[]) => inArray(requests.status, statuses);

const conditions: Record<RequestSection, { where: (now: number) => SQL | undefined; order: SQL }> = {
  review: { where: () => inStatus('processed'), order: ofLastRound(rounds.processedAt) },
  late: { where: (now) => and(inStatus('open'), lte(requests.dueAt, now + criticalMs)), order: byDue },
  redeliveries: { where: () => inStatus('redelivery'), order: byDue },
  deliver: { where: () => inStatus('open'), order: byDue },
  again: { where: () => inStatus('redelivery'), order: byDue },
  waiting: {
    where: () => inStatus('submitted', 'processing', 'processed'),
    order: ofLastRound(rounds.submittedAt),
  },
};

/** `visible`: SQL condition for requests that the person may see. */
export function requestsIn(db: Reader, section: RequestSection, visible: SQL | undefined, now: number) {
  const { where, order } = conditions[section];
  return db
    .select()
    .from(requests)
    .where(and(visible, where(now)))
    .orderBy(asc(order), asc(requests.id))
    .limit(maxWorkRows)
    .all();
}

export function countIn(db: Reader, section: RequestSection, visible: SQL | undefined, now: number): number {
  return db
    .select({ number: count() })
    .from(requests)
    .where(and(visible, conditions[section].where(now)))
    .get()!.number;
}

/** The request that will probably come next into an empty section: the first to be processed, or the first that is due. */
export function upcoming(
  db: Reader,
  section: RequestSection,
  visible: SQL | undefined,
): DeliveryRequest | undefined {
  const candidates: Partial<Record<RequestSection, { where: SQL | undefined; order: SQL }>> = {
    review: { where: inStatus('submitted', 'processing'), order: ofLastRound(rounds.submittedAt) },
    late: { where: and(inStatus('open'), sql`${requests.dueAt} is not null`), order: byDue },
  };
  const wanted = candidates[section];
  if (!wanted) return undefined;
  return db
    .select()
    .from(requests)
    .where(and(visible, wanted.where))
    .orderBy(asc(wanted.order), asc(requests.id))
    .limit(1)
    .get();
}

/** When the last round of each request was submitted and processed, keyed by request id. */
export function lastRounds(db: Reader, requestIds: readonly string[]) {
  const rows = db
    .select()
    .from(rounds)
    .where(
      and(
        inArray(rounds.requestId, [...requestIds]),
        eq(
          rounds.number,
          sql`(select max(later.number) from ${rounds} as later where later.request_id = ${rounds.requestId})`,
        ),
      ),
    )
    .all();
  return new Map(rows.map((round) => [round.requestId, round]));
}
