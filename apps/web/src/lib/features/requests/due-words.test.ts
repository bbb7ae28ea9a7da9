import { expect, test } from 'vitest';
import { dueWords } from './due-words.ts';

const hour = 3600_000;
const now = Date.UTC(2026, 10, 26, 14, 31);
const open = (left: number) => dueWords({ status: 'open', dueAt: now + left }, now);

test.each([
  [-44.5 * hour, '2 days late', 'bad'],
  [-24 * hour, '1 day late', 'bad'],
  [-23.9 * hour, '23 h late', 'bad'],
  [-90_000, '1 min late', 'bad'],
  [30_000, 'Due now', 'bad'],
  [40 * 60_000, 'Due in 40 min', 'bad'],
  [3.5 * hour, 'Due in 3 h', 'bad'],
  [27.5 * hour, 'Due in 27 h', 'warn'],
  [50 * hour, 'Due in 2 days', 'warn'],
  [8.1 * 24 * hour, 'Due in 8 days', 'flat'],
])('%i ms left', (left, text, tone) => {
  expect(open(left)).toEqual({ text, tone });
});

test('a submitted request is not late, and a finished one is not due', () => {
  expect(dueWords({ status: 'processed', dueAt: now - hour }, now)).toBeNull();
  expect(dueWords({ status: 'processing', dueAt: now + hour }, now)).toEqual({
    text: 'Due in 1 h',
    tone: 'flat',
  });
  expect(dueWords({ status: 'accepted', dueAt: now + hour }, now)).toBeNull();
  expect(dueWords({ status: 'open', dueAt: null }, now)).toBeNull();
});
