/** The urgency of a request. The page, the filter and the counts share this rule. */
import { dayMs } from '../days.ts';
import { isFinished, type RequestStatus } from './machine.ts';

export const dueBuckets = ['critical', 'at_risk', 'on_track'] as const;
export type DueBucket = (typeof dueBuckets)[number];

/** An unsubmitted request with less time left than this is critical. */
export const criticalMs = dayMs;
export const atRiskMs = 3 * dayMs;

export type Urgency = {
  status: RequestStatus;
  dueAt: number | null;
  promisedAt: number | null;
  now: number;
  /** When the request would be complete at the current upload speed; null while nothing is uploading. */
  forecastAt?: number | null;
};

/**
 * Critical: not submitted and due within a day, overdue, or promised or forecast for later than it is due. At risk:
 * not submitted and due within three days. On track: all others. Null: accepted and cancelled.
 */
export function dueBucket({ status, dueAt, promisedAt, now, forecastAt = null }: Urgency): DueBucket | null {
  if (isFinished(status)) return null;
  const isSubmitted = status !== 'open' && status !== 'redelivery';
  if (isSubmitted || dueAt === null) return 'on_track';
  const comesLate = [promisedAt, forecastAt].some((at) => at !== null && at > dueAt);
  if (comesLate || dueAt - now <= criticalMs) return 'critical';
  return dueAt - now <= atRiskMs ? 'at_risk' : 'on_track';
}
