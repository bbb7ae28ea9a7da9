import { expect, test } from 'vitest';
import { parseRate, parseSchedule } from './rate-schedule.ts';

const everyDay = [0, 1, 2, 3, 4, 5, 6];
const span = (days: number[], from: number, to: number, bytesPerSecond: number) => ({
  days,
  fromMinute: from * 60,
  toMinute: to * 60,
  bytesPerSecond,
});

test.each([
  ['100kB', 100_000],
  ['20MB', 20_000_000],
  ['20mb/s', 20_000_000],
  ['1.5GB', 1_500_000_000],
  ['0kB', 0],
  ['20', null],
  ['20 MB', null],
  ['-1MB', null],
  ['20MiB', null],
  ['', null],
])('reads the rate %s', (text, bytes) => expect(parseRate(text)).toBe(bytes));

test.each([
  ['20MB', [], 20_000_000],
  ['08:00-18:00 20MB', [span(everyDay, 8, 18, 20_000_000)], null],
  ['mon-fri 08:00-18:00 20MB, 100MB', [span([1, 2, 3, 4, 5], 8, 18, 20_000_000)], 100_000_000],
  ['Sat-Mon  22:00-06:00 1MB', [span([6, 0, 1], 22, 6, 1_000_000)], null],
  [
    'sun 00:00-24:00 1MB,mon 00:00-24:00 2MB',
    [span([0], 0, 24, 1_000_000), span([1], 0, 24, 2_000_000)],
    null,
  ],
])('reads %s', (text, spans, otherwise) => expect(parseSchedule(text)).toEqual({ spans, otherwise }));

test.each([
  ['20'],
  ['fast'],
  ['99kB'],
  ['9999999999GB'],
  ['08:00-18:00'],
  ['08:00-18:00 fast'],
  ['8:00-18:00 20MB'],
  ['08:00-08:00 20MB'],
  ['08:60-18:00 20MB'],
  ['08:00-24:01 20MB'],
  ['24:00-08:00 20MB'],
  ['funday 08:00-18:00 20MB'],
  ['100MB, 08:00-18:00 20MB'],
  ['08:00-18:00 20MB,'],
  [Array(21).fill('08:00-18:00 20MB').join(',')],
])('refuses %s', (text) => expect(parseSchedule(text)).toBeNull());
