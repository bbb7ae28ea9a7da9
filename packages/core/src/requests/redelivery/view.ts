/** Views of a request's latest redelivery. */
import { desc, eq } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { redeliveries } from '@turnover/db/schema/requests';
import type { RequestView } from '@turnover/domain/requests/requests';
import type { DeliveryRequest } from '../../access.ts';
import type { Person } from '../../context.ts';
import { viewKnownPeople } from '../../people/person-view.ts';
import { findingsInto } from './findings.ts';

type Redelivery = RequestView['redelivery'];

/** Includes the open findings: its own, and unresolved ones of earlier rounds. */
export function latestRedelivery(
  db: Reader,
  person: Person,
  request: Pick<DeliveryRequest, 'id' | 'projectId' | 'round'>,
): Redelivery {
  const redelivery = latestWithoutFindings(db, person, request);
  return redelivery && { ...redelivery, pins: findingsInto(db, person, request, request.round) };
}

/** For lists that show who asked, when and why. */
export function latestWithoutFindings(
  db: Reader,
  person: Person,
  request: Pick<DeliveryRequest, 'id' | 'projectId'>,
): Redelivery {
  const row = db
    .select()
    .from(redeliveries)
    .where(eq(redeliveries.requestId, request.id))
    .orderBy(desc(redeliveries.round))
    .limit(1)
    .get();
  if (!row) return null;
  const { round, askedBy, askedAt, reasons, comment, cleared } = row;
  const by = viewKnownPeople(db, person, request.projectId, [askedBy])(askedBy);
  return { round, by, at: askedAt, reasons, pins: [], comment, cleared };
}
