import { expect, test } from 'vitest';
import type { Role } from '@turnover/domain/people/projects';
import type { RequestStatus } from '@turnover/domain/requests/machine';
import { standingOf } from './standing-words.ts';

const hour = 3600_000;
const day = 24 * hour;
const now = new Date(2026, 10, 26, 14, 31).getTime();
const textOf = (
  status: RequestStatus,
  facts: Partial<Parameters<typeof standingOf>[0]> = {},
  role: Role = 'coordinator',
) => {
  const standing = standingOf(
    { status, dueAt: null, promisedAt: null, processing: null, ...facts },
    role,
    now,
  );
  return standing && `${standing.text} (${standing.tone})`;
};

test.each([
  ['late', -2 * day, '2 days late (bad)'],
  ['due soon', 3 * hour, 'Due in 3 h (bad)'],
  ['due in two days', 2 * day + hour, 'Due in 2 days (warn)'],
  ['due later', 8 * day, 'Due in 8 days (flat)'],
])('describes a request that is %s', (_, left, text) => {
  expect(textOf('open', { dueAt: now + left })).toBe(text);
  expect(textOf('redelivery', { dueAt: now + left }, 'uploader')).toBe(text);
});

test('mentions a promise after the due date even before the due date', () => {
  const promise = { dueAt: now + 5 * day, promisedAt: now + 6 * day };
  expect(textOf('open', promise)).toBe('Promised for 2 Dec (bad)');
  expect(textOf('open', { ...promise, dueAt: now - day })).toBe('1 day late (bad)');
  expect(textOf('open', { ...promise, dueAt: null })).toBeNull();
  expect(textOf('open', { ...promise, promisedAt: now + day })).toBe('Due in 5 days (flat)');
});

test('shows the place in the queue and the expected end while processing', () => {
  const expectedEndAt = new Date(2026, 10, 26, 16, 31).getTime();
  expect(textOf('processing', { processing: { place: 6, expectedEndAt } })).toBe(
    '#7 in queue · about 16:31 (info)',
  );
  expect(textOf('submitted', { processing: { place: 0, expectedEndAt: null } })).toBe('#1 in queue (info)');
  expect(textOf('processing', { processing: { place: null, expectedEndAt } })).toBe(
    'Ready about 16:31 (info)',
  );
  // An expected end that has passed means: at any moment.
  expect(textOf('processing', { processing: { place: null, expectedEndAt: now - hour } })).toBe(
    'Ready about 14:31 (info)',
  );
});

test('says who has to accept a submitted request', () => {
  const unknown = { processing: { place: null, expectedEndAt: null } };
  for (const role of ['uploader', 'partner'] as const) {
    for (const status of ['submitted', 'processing', 'processed'] as const)
      expect(textOf(status, unknown, role)).toBe('Waiting for the coordinator (flat)');
  }
  for (const role of ['coordinator', 'reviewer'] as const) {
    expect(textOf('processed', {}, role)).toBe('Waiting for you (ok)');
    expect(textOf('submitted', unknown, role)).toBeNull();
  }
});

test('a finished request waits for nothing', () => {
  for (const status of ['accepted', 'cancelled'] as const)
    expect(textOf(status, { dueAt: now - day })).toBeNull();
});
