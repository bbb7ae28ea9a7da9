/** How urgent a request is: one rule, the same for the page, the filter and the counts. */
import { dayMs } from '../days.ts';
import type { RequestStatus } from './machine.ts';

export const dueBuckets = ['critical', 'at_risk', 'on_track'] as const;
export type DueBucket = (typeof dueBuckets)[number];

/** With less than this left, what is not submitted is critical, and at risk. */
export const criticalMs = dayMs;
export const atRiskMs = 3 * dayMs;

export type Urgency = {
  status: RequestStatus;
  dueAt: number | null;
  promisedAt: number | null;
  now: number;
  /** When it would be here at the present speed; null: nothing is on its way. */
  forecastAt?: number | null;
};

/**
 * Critical: not submitted, and due within a day, overdue, or promised or forecast for later than it is due. At risk: not
 * submitted, and due within three days. On track: everything else that is not over; null: accepted and cancelled.
 */
export function dueBucket({ status, dueAt, promisedAt, now, forecastAt = null }: Urgency): DueBucket | null {
  if (status === 'accepted' || status === 'cancelled') return null;
  const isSubmitted = status !== 'open' && status !== 'redelivery';
  if (isSubmitted || dueAt === null) return 'on_track';
  const comesLate = [promisedAt, forecastAt].some((at) => at !== null && at > dueAt);
  if (comesLate || dueAt - now <= criticalMs) return 'critical';
  return dueAt - now <= atRiskMs ? 'at_risk' : 'on_track';
}
