import { describe, expect, test } from 'vitest';
import {
  aWeekLater,
  expiryProblem,
  expiryRange,
  formatCalendarDay,
  isWarnedBefore,
  lastDayBefore,
} from './expiry.ts';

const timeZone = 'Europe/Berlin';
/** Quarter past midnight on 1 December in Berlin; still November in UTC. */
const now = Date.parse('2026-11-30T23:15Z');
const bounds = (until: string | null) => ({
  now,
  timeZone,
  until: until === null ? null : Date.parse(until),
});

describe('an end', () => {
  test.each([
    ['2026-11-30', null, 'past'],
    ['2026-12-01', null, 'past'],
    ['0020-12-01', null, 'past'],
    ['2026-12-02', null, null],
    ['9999-12-31', null, null],
    ['2026-12-10', '2026-12-09T23:00Z', null],
    ['2026-12-11', '2026-12-09T23:00Z', 'beyond'],
    ['2026-12-10', '2026-12-10T12:00Z', null],
    ['2026-12-10', '2026-12-09T22:59Z', 'beyond'],
  ])('on %s, with access until %s: %s', (day, until, problem) => {
    expect(expiryProblem(day, bounds(until))).toBe(problem);
  });

  test('can be chosen from tomorrow on, up to the limit', () => {
    expect(expiryRange(bounds(null))).toEqual({ min: '2026-12-02', max: undefined });
    const { min, max } = expiryRange(bounds('2026-12-09T23:00Z'));
    expect([min, max]).toEqual(['2026-12-02', '2026-12-10']);
    expect(expiryProblem(min, bounds('2026-12-09T23:00Z'))).toBeNull();
    expect(expiryProblem(max!, bounds('2026-12-09T23:00Z'))).toBeNull();
  });

  test('has a warning when it is more than a week away', () => {
    expect(isWarnedBefore('2026-12-07', bounds(null))).toBe(false);
    expect(isWarnedBefore('2026-12-09', bounds(null))).toBe(true);
  });

  test('formats the last day of access', () => {
    expect(lastDayBefore('2026-12-01')).toBe('2026-11-30');
    expect(lastDayBefore('2028-03-01')).toBe('2028-02-29');
  });

  test('is extended by a week, from today when it has passed', () => {
    expect(aWeekLater('2026-12-28', bounds(null))).toBe('2027-01-04');
    expect(aWeekLater('2026-06-01', bounds(null))).toBe('2026-12-08');
  });
});

test('formats a calendar day equally in every time zone', () => {
  expect(formatCalendarDay('2026-12-01', now)).toBe('1 Dec');
  expect(formatCalendarDay('2027-01-01', now)).toBe('1 Jan 2027');
});
