import { expect, test } from 'vitest';
import { dueBucket, type Urgency } from './due-buckets.ts';

const day = 24 * 3600_000;
const now = 1000 * day;
const request: Urgency = { status: 'open', dueAt: now + 10 * day, promisedAt: null, now };

test.each<[string, Partial<Urgency>, string | null]>([
  ['far off', {}, 'on_track'],
  ['without a date', { dueAt: null }, 'on_track'],
  ['in three days', { dueAt: now + 3 * day }, 'at_risk'],
  ['in a day', { dueAt: now + day }, 'critical'],
  ['overdue', { dueAt: now - day }, 'critical'],
  ['overdue again', { dueAt: now - day, status: 'redelivery' }, 'critical'],
  ['overdue and submitted', { dueAt: now - day, status: 'submitted' }, 'on_track'],
  ['overdue and processed', { dueAt: now - day, status: 'processed' }, 'on_track'],
  ['promised in time', { promisedAt: now + 10 * day }, 'on_track'],
  ['promised too late', { promisedAt: now + 10 * day + 1 }, 'critical'],
  ['coming too late', { forecastAt: now + 11 * day }, 'critical'],
  ['accepted', { status: 'accepted', dueAt: now - day }, null],
  ['cancelled', { status: 'cancelled', dueAt: now - day }, null],
])('%s', (_what, more, bucket) => {
  expect(dueBucket({ ...request, ...more })).toBe(bucket);
});
