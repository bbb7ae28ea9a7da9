/** The revision of a request. A check made before a transaction is valid inside it only if the revision is still the same. */
import { eq, max } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { events } from '@turnover/db/schema/events';
import { HubError } from '@turnover/domain/errors';

/** The id of the request's last event. It is a revision, because every change of a request writes an event in its transaction. */
export function revisionOf(db: Reader, requestId: string): number {
  const row = db
    .select({ id: max(events.id) })
    .from(events)
    .where(eq(events.requestId, requestId))
    .get();
  return row?.id ?? 0;
}

/** Throws `conflict` unless the check is of the current revision. */
export function requireRevision<Check extends { revision: number }>(
  db: Reader,
  requestId: string,
  check: Check | null,
): asserts check is Check {
  if (check?.revision === revisionOf(db, requestId)) return;
  throw new HubError('conflict', 'The request changed in the meantime. Submit again.');
}
