/** The view of a request's latest redelivery. */
import { desc, eq } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { redeliveries } from '@turnover/db/schema/requests';
import type { RequestView } from '@turnover/domain/requests/requests';
import type { DeliveryRequest } from '../../access.ts';
import type { Person } from '../../context.ts';
import { viewPeople } from '../../people/person-view.ts';
import { findingsOf } from './findings.ts';

export function latestRedelivery(
  db: Reader,
  person: Person,
  request: Pick<DeliveryRequest, 'id' | 'projectId'>,
): RequestView['redelivery'] {
  const row = db
    .select()
    .from(redeliveries)
    .where(eq(redeliveries.requestId, request.id))
    .orderBy(desc(redeliveries.round))
    .limit(1)
    .get();
  if (!row) return null;
  const { round, askedBy, askedAt, reasons, comment, cleared } = row;
  const by = viewPeople(db, [askedBy]).get(askedBy)!;
  const pins = findingsOf(db, person, request, round);
  return { round, by, at: askedAt, reasons, pins, comment, cleared };
}
