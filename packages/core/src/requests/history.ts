/** The history of one request, as far as the reader may see it. */
import type { EventView } from '@turnover/domain/events';
import type { RequestHistoryInput } from '@turnover/domain/requests/requests';
import { seesOwnFilesOnly, type DeliveryRequest } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { requestHistory } from '../events.ts';

/** Newest first. */
export function requestEvents(
  { db, person }: PersonContext,
  request: Pick<DeliveryRequest, 'id' | 'projectId'>,
  { before, limit }: Pick<RequestHistoryInput, 'before' | 'limit'>,
): EventView[] {
  const onlyOwn = seesOwnFilesOnly(db, person, request.projectId);
  return requestHistory(db, person, request.id, onlyOwn, before ?? null, limit);
}
