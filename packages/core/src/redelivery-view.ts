/** The redelivery asked for last, as a request tells of it. */
import { desc, eq } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { redeliveries } from '@turnover/db/schema/requests';
import type { RequestView } from '@turnover/domain/requests';
import { viewPeople } from './person-views.ts';

export function latestRedelivery(db: Reader, requestId: string): RequestView['redelivery'] {
  const row = db
    .select()
    .from(redeliveries)
    .where(eq(redeliveries.requestId, requestId))
    .orderBy(desc(redeliveries.round))
    .limit(1)
    .get();
  if (!row) return null;
  const { round, askedBy, askedAt, reasons, comment, cleared } = row;
  return { round, by: viewPeople(db, [askedBy]).get(askedBy)!, at: askedAt, reasons, comment, cleared };
}
