import { describe, expect, test } from 'vitest';
import { expiryProblemWords, rightsWords, untilWords } from './share-words.ts';

const now = new Date(2026, 10, 24, 12).getTime();

test('names the rights, and the basic right when there are no others', () => {
  expect(rightsWords({ canShare: true, canUpdate: true })).toBe('Can share · Can update');
  expect(rightsWords({ canShare: false, canUpdate: true })).toBe('Can update');
  expect(rightsWords({ canShare: false, canUpdate: false })).toBe('View and download');
});

describe('an end', () => {
  test('shows the last day with access, with the time when access ends within a day', () => {
    expect(untilWords(new Date(2026, 11, 1).getTime(), now)).toBe('Last day: 30 Nov');
    expect(untilWords(new Date(2027, 0, 2).getTime(), now)).toBe('Last day: 1 Jan 2027');
    expect(untilWords(new Date(2026, 10, 30, 18, 30).getTime(), now)).toBe('Last day: 30 Nov until 18:30');
    expect(untilWords(null, now)).toBe('No end date');
  });

  test('shows a reason when it is refused', () => {
    const bounds = { now: Date.parse('2026-11-24T12:00Z'), timeZone: 'UTC', until: null };
    expect(expiryProblemWords(null, bounds)).toBeUndefined();
    expect(expiryProblemWords('2026-12-01', bounds)).toBeUndefined();
    expect(expiryProblemWords('2026-11-24', bounds)).toContain('already begun');
    const until = Date.parse('2026-12-01T00:00Z');
    expect(expiryProblemWords('2026-12-01', { ...bounds, until })).toBeUndefined();
    expect(expiryProblemWords('2026-12-02', { ...bounds, until })).toContain('1 Dec');
  });
});
