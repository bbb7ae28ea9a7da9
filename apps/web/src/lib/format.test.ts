import { withLocale } from '@turnover/messages/server-locale';
import { describe, expect, test } from 'vitest';
import {
  formatBytes,
  formatBytesOf,
  formatDuration,
  formatDue,
  formatExpected,
  formatMoment,
  formatOnPaper,
  formatPercent,
  formatEnd,
  formatRate,
  formatSpeed,
} from './format.ts';

describe('formatBytes', () => {
  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1 kB'],
    [184_000, '184 kB'],
    [999_700, '1.0 MB'],
    [2_700_000_000, '2.7 GB'],
    [68_400_000_000, '68.4 GB'],
    [118_000_000, '118 MB'],
    [99_960_000, '100 MB'],
    [16 * 1024 ** 4, '17.6 TB'],
    [5e18, '5,000 PB'],
  ])('%i is %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  test('formats speeds as bytes per second', () => {
    expect(formatSpeed(118_400_000)).toBe('118 MB/s');
  });
});

test('a moment on paper states its zone', () => {
  const moment = Date.UTC(2026, 10, 30, 18, 20, 44);
  const zone = new Intl.DateTimeFormat('en', { timeZoneName: 'short' })
    .formatToParts(moment)
    .find(({ type }) => type === 'timeZoneName')!.value;
  expect(formatOnPaper(moment).endsWith(` ${zone}`)).toBe(true);
});

test.each([
  [20_000_000, '20 MB/s'],
  [2_500_000, '2.5 MB/s'],
  [800_000, '800 kB/s'],
])('formats the rate %i as %s', (rate, text) => {
  expect(formatRate(rate)).toBe(text);
});

test('says the day of an end only when it is not today', () => {
  const now = new Date(2026, 10, 26, 14).getTime();
  expect(formatEnd(new Date(2026, 10, 26, 18).getTime(), now)).toBe('18:00');
  expect(formatEnd(new Date(2026, 10, 27, 8).getTime(), now)).toBe('Fri 27 Nov, 08:00');
});

describe('formatBytesOf', () => {
  test.each([
    [0, 1000, '0 B of 1 kB'],
    [1_200_000, 3_400_000, '1.2 MB of 3.4 MB'],
    [1000, 1000, '1 kB of 1 kB'],
    [1001, 1400, 'almost all of 1 kB'],
  ])('%i of %i is %s', (done, total, text) => {
    expect(formatBytesOf(done, total)).toBe(text);
  });
});

describe('formatDuration', () => {
  test.each([
    [0, 'less than 1 s'],
    [45_000, '45 s'],
    [59_700, '1 min 00 s'],
    [125_000, '2 min 05 s'],
    [3 * 3600_000 + 5 * 60_000, '3 h 05 min'],
    [52 * 3600_000, '2 d 4 h'],
  ])('%i ms is %s', (durationMs, text) => {
    expect(formatDuration(durationMs)).toBe(text);
  });
});

test('rounds a percentage up to 100 only at the end', () => {
  expect(formatPercent(0.999)).toBe('99 %');
  expect(formatPercent(1)).toBe('100 %');
});

describe('moments', () => {
  const now = new Date(2026, 10, 23, 14, 30).getTime();
  const at = (month: number, day: number, hour: number, minute: number, year = 2026) =>
    new Date(year, month - 1, day, hour, minute).getTime();

  test.each([
    [now - 20_000, 'just now'],
    [at(11, 23, 9, 12), 'Today 09:12'],
    [at(11, 22, 23, 59), 'Yesterday 23:59'],
    [at(11, 24, 0, 5), 'Tomorrow 00:05'],
    [at(11, 20, 10, 4), 'Fri 10:04'],
    [at(11, 13, 10, 4), '13 Nov'],
    [at(5, 12, 8, 0, 2027), '12 May 2027'],
  ])('are relative where possible: %i, %s', (moment, text) => {
    expect(formatMoment(moment, now)).toBe(text);
  });

  test('an estimate that has passed is "any moment", never "just now"', () => {
    expect(formatExpected(now - 1000, now)).toBe('any moment');
    expect(formatExpected(now + 59_000, now)).toBe('any moment');
    expect(formatExpected(now + 60_000, now)).toBe(formatMoment(now + 60_000, now));
  });

  test('formats due dates with day and time', () => {
    expect(formatDue(at(11, 27, 18, 0), now)).toBe('Fri 27 Nov, 18:00');
  });

  test('formats in Spanish', () => {
    const [moment, due] = withLocale('es-419', () => [
      formatMoment(at(11, 22, 9, 12), now),
      formatDue(at(11, 27, 18, 0), now),
    ]);
    expect(moment).toBe('Ayer 09:12');
    expect(due).toBe('vie 27 nov, 18:00');
  });
});
