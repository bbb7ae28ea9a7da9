/** Where the files of a Workspace were delivered. */
import { z } from 'zod';
import type { RequestStatus } from '../requests/machine.ts';

/**
 * How a delivery of files stands. `added`: they are in the request, and no round with them was submitted. `returned`: a
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

/** Files of an entry in one request. */
export const entryDelivery = z.object({
  requestId: z.string(),
  requestName: z.string(),
  /** The last submitted round with one of the files, or the round that they will be submitted in. */
  round: z.number(),
  state: z.enum(deliveryStates),
  /** How many of the entry's files are in a submitted round of the request, or were only added to it. */
  files: z.number(),
});
export type EntryDelivery = z.infer<typeof entryDelivery>;

/** What a list says of an entry. */
export const deliverySummary = z.object({
  /** The entry's files in a submitted round of any request, also of requests that the caller does not see. */
  delivered: z.number(),
  /** The newest of the requests that the caller sees; those with a submitted round come first. */
  latest: entryDelivery.nullable(),
  /** The number of further requests that the caller sees. */
  more: z.number(),
});
export type DeliverySummary = z.infer<typeof deliverySummary>;

export const entryDeliveriesView = z.object({
  delivered: z.number(),
  /** The newest first; those with a submitted round come first. At most `maxDeliveriesListed`. */
  requests: z.array(entryDelivery),
  more: z.number(),
  /** False: the entry has more files than were looked at. */
  isComplete: z.boolean(),
});
export type EntryDeliveriesView = z.infer<typeof entryDeliveriesView>;

export const maxDeliveriesListed = 50;

type Standing = {
  status: RequestStatus;
  /** The last submitted round with the files; null: they were only added. */
  round: number | null;
  /** The last submitted round of the request. */
  lastRound: number | null;
};

const stateByStatus: Record<RequestStatus, DeliveryState> = {
  // Submitted rounds of an open request were sent back before it was cancelled and restored.
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
