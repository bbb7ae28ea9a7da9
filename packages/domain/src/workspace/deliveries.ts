/** The requests that the files of a Workspace were delivered to. */
import { z } from 'zod';
import type { RequestStatus } from '../requests/machine.ts';

/**
 * The state of delivered files. `added`: they are in the request, but not in a submitted round. `returned`: a
 * redelivery was requested for their round. `superseded`: a later round was submitted without them.
 */
export const deliveryStates = [
  'added',
  'submitted',
  'processing',
  'processed',
  'accepted',
  'returned',
  'superseded',
  'cancelled',
] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** The delivery of an entry's files to one request. */
export const entryDelivery = z.object({
  requestId: z.string(),
  requestName: z.string(),
  /** The last submitted round that contains one of the files, or the round in which they will be submitted. */
  round: z.number(),
  state: z.enum(deliveryStates),
  /** The number of the entry's files that are in a submitted round of the request or were only added to it. */
  files: z.number(),
});
export type EntryDelivery = z.infer<typeof entryDelivery>;

/** The deliveries of an entry, as a list shows them. */
export const deliverySummary = z.object({
  /**
   * Number of the entry's files that are in a submitted round of any request, including requests that the caller may
   * not see.
   */
  delivered: z.number(),
  /** The newest of the requests that the caller may see; those with a submitted round come first. */
  latest: entryDelivery.nullable(),
  /** The number of further requests that the caller may see. */
  more: z.number(),
});
export type DeliverySummary = z.infer<typeof deliverySummary>;

export const entryDeliveriesView = z.object({
  delivered: z.number(),
  /** The newest first; those with a submitted round come first. At most `maxDeliveriesListed`. */
  requests: z.array(entryDelivery),
  more: z.number(),
  /** False when the entry has more files than were examined. */
  isComplete: z.boolean(),
});
export type EntryDeliveriesView = z.infer<typeof entryDeliveriesView>;

export const maxDeliveriesListed = 50;

type Standing = {
  status: RequestStatus;
  /** The last submitted round with the files; null when they were only added. */
  round: number | null;
  /** The last submitted round of the request. */
  lastRound: number | null;
};

const stateByStatus: Record<RequestStatus, DeliveryState> = {
  // The submitted rounds of an open request were sent back before it was cancelled and restored.
  open: 'returned',
  submitted: 'submitted',
  processing: 'processing',
  processed: 'processed',
  accepted: 'accepted',
  redelivery: 'returned',
  cancelled: 'cancelled',
};

export function deliveryStateOf({ status, round, lastRound }: Standing): DeliveryState {
  if (round === null) return 'added';
  return round === lastRound ? stateByStatus[status] : 'superseded';
}
