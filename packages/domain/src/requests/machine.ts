/** The statuses of a request. `actions.ts` has the transitions between them. */
export const requestStatuses = [
  'open',
  'submitted',
  'processing',
  'processed',
  'redelivery',
  'accepted',
  'cancelled',
] as const;
export type RequestStatus = (typeof requestStatuses)[number];

/** Returns true when every file of a request in this status has a live processing job, or is about to get one. */
export function isBeingProcessed(status: RequestStatus): boolean {
  return status === 'submitted' || status === 'processing';
}

/** Returns true when nobody has to do anything more for a request in this status. */
export function isFinished(status: RequestStatus): boolean {
  return status === 'accepted' || status === 'cancelled';
}
