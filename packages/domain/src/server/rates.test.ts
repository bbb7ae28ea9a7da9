import { expect, test } from 'vitest';
import { rateAt, rateNow, unlimited, type RateSchedule } from './rates.ts';

const MB = 1_000_000;
const weekdays = [1, 2, 3, 4, 5];
const everyDay = [0, 1, 2, 3, 4, 5, 6];
/** A moment in the week that begins on Monday 5 January 2026, on the clock of this machine. */
const at = (day: number, hours: number, minutes = 0) => new Date(2026, 0, 5 + day, hours, minutes).getTime();
const always = (bytesPerSecond: number | null): RateSchedule => ({ spans: [], otherwise: bytesPerSecond });
const office: RateSchedule = {
  spans: [{ days: weekdays, fromMinute: 8 * 60, toMinute: 18 * 60, bytesPerSecond: 20 * MB }],
  otherwise: null,
};
const night: RateSchedule = {
  spans: [{ days: [5], fromMinute: 22 * 60, toMinute: 6 * 60, bytesPerSecond: MB }],
  otherwise: 2 * MB,
};

test.each([
  [at(0, 7, 59), null],
  [at(0, 8), 20 * MB],
  [at(0, 17, 59), 20 * MB],
  [at(0, 18), null],
  [at(5, 12), null],
])('a span holds its hours of its days only', (moment, rate) => expect(rateAt(office, moment)).toBe(rate));

test.each([
  [at(4, 21, 59), 2 * MB],
  [at(4, 22), MB],
  [at(5, 5, 59), MB],
  [at(5, 6), 2 * MB],
  [at(5, 23), 2 * MB],
])('a span past midnight goes on until the next morning', (moment, rate) =>
  expect(rateAt(night, moment)).toBe(rate),
);

test('the first span that holds the moment counts', () => {
  const spans = [
    { days: everyDay, fromMinute: 12 * 60, toMinute: 13 * 60, bytesPerSecond: 3 * MB },
    ...office.spans,
  ];
  expect(rateAt({ spans, otherwise: null }, at(0, 12, 30))).toBe(3 * MB);
  expect(rateAt({ spans, otherwise: null }, at(0, 13))).toBe(20 * MB);
});

test('one person reaches the lower of both rates, until it changes', () => {
  expect(rateNow({ total: office, person: always(50 * MB) }, at(0, 9))).toEqual({
    bytesPerSecond: 20 * MB,
    until: at(0, 18),
  });
  expect(rateNow({ total: office, person: always(50 * MB) }, at(0, 19))).toEqual({
    bytesPerSecond: 50 * MB,
    until: at(1, 8),
  });
});

test('the change after a weekend is found, and a change of the hours alone is none', () => {
  expect(rateNow({ total: office, person: always(50 * MB) }, at(4, 20))?.until).toBe(at(7, 8));
  const joined = {
    spans: [
      { days: everyDay, fromMinute: 0, toMinute: 12 * 60, bytesPerSecond: MB },
      { days: everyDay, fromMinute: 12 * 60, toMinute: 24 * 60, bytesPerSecond: MB },
    ],
    otherwise: null,
  };
  expect(rateNow({ total: joined, person: always(null) }, at(0, 9))).toEqual({
    bytesPerSecond: MB,
    until: null,
  });
});

test('the answer names no limit where no rate is set', () => {
  expect(rateNow(unlimited, at(0, 9))).toBeNull();
  expect(rateNow({ total: office, person: always(null) }, at(6, 9))).toBeNull();
  expect(rateNow({ total: always(MB), person: always(null) }, at(6, 9))).toEqual({
    bytesPerSecond: MB,
    until: null,
  });
});
