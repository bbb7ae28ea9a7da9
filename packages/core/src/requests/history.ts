/** The history of one request, as far as the reader may see it. */
import { and, eq, sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { events } from '@turnover/db/schema/events';
import type { EventView } from '@turnover/domain/events';
import type { RequestHistoryInput } from '@turnover/domain/requests/requests';
import { seesOwnFilesOnly, type DeliveryRequest } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { requestHistory } from '../events.ts';

/** Newest first. */
export function requestEvents(
  { db, person }: PersonContext,
  request: Pick<DeliveryRequest, 'id' | 'projectId'>,
  { before = null, round = null, limit }: Pick<RequestHistoryInput, 'before' | 'round' | 'limit'>,
): EventView[] {
  const onlyOwn = seesOwnFilesOnly(db, person, request.projectId);
  const between = round === null ? { first: null, last: null } : eventsOfRound(db, request.id, round);
  if (!between) return [];
  return requestHistory(db, person, request.id, onlyOwn, { ...between, before, limit });
}

/**
 * The ids of the first and last event of a round; a redelivery ends one round and begins the next. Null when the round has
 * not begun.
 */
function eventsOfRound(
  db: Reader,
  requestId: string,
  round: number,
): { first: number; last: number | null } | null {
  const endOf = (number: number) =>
    db
      .select({ id: events.id })
      .from(events)
      .where(
        and(
          eq(events.requestId, requestId),
          eq(events.kind, 'request.redeliveryAsked'),
          eq(sql`${events.data} ->> 'round'`, number),
        ),
      )
      .limit(1)
      .get()?.id;
  const begin = round === 1 ? 0 : endOf(round - 1);
  return begin === undefined ? null : { first: begin + 1, last: endOf(round) ?? null };
}
