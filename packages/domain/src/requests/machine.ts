/** The statuses of a request. What moves it from one to the next is in `actions.ts`. */
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

/** Whether every file of a request in this status has a live processing job, or is about to get one. */
export function isBeingProcessed(status: RequestStatus): boolean {
  return status === 'submitted' || status === 'processing';
}
