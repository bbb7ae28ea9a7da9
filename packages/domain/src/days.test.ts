import { describe, expect, test } from 'vitest';
import {
  addDays,
  clockSpans,
  dayAt,
  daySchema,
  dayMs,
  momentAt,
  startOfDay,
  timeZoneSchema,
} from './days.ts';

const at = (iso: string) => Date.parse(iso);

describe('a day begins', () => {
  test.each([
    ['2026-12-01', 'UTC', '2026-12-01T00:00Z'],
    ['2026-12-01', 'Europe/Berlin', '2026-11-30T23:00Z'],
    ['2026-07-01', 'Europe/Berlin', '2026-06-30T22:00Z'],
    ['2026-12-01', 'America/Los_Angeles', '2026-12-01T08:00Z'],
    ['2026-12-01', 'Asia/Kathmandu', '2026-11-30T18:15Z'],
    ['2026-12-01', 'Pacific/Kiritimati', '2026-11-30T10:00Z'],
    ['2026-12-01', 'Pacific/Pago_Pago', '2026-12-01T11:00Z'],
    ['2024-02-29', 'America/New_York', '2024-02-29T05:00Z'],
    // Days on which the clocks change, and the days around them.
    ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00Z'],
    ['2026-03-30', 'Europe/Berlin', '2026-03-29T22:00Z'],
    ['2026-10-25', 'Europe/Berlin', '2026-10-24T22:00Z'],
    ['2026-10-26', 'Europe/Berlin', '2026-10-25T23:00Z'],
  ])('%s in %s at %s', (day, zone, moment) => {
    expect(startOfDay(day, zone)).toBe(at(moment));
  });

  test.each([
    ['2023-10-01', 'America/Asuncion', '2023-10-01T04:00Z'],
    ['2024-04-26', 'Africa/Cairo', '2024-04-25T22:00Z'],
    ['2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00Z'],
    ['2022-03-22', 'Asia/Tehran', '2022-03-21T20:30Z'],
  ])('%s in %s at %s, where midnight was skipped', (day, zone, moment) => {
    expect(startOfDay(day, zone)).toBe(at(moment));
  });

  test.each([
    ['2016-10-29', 'Asia/Gaza', '2016-10-28T21:00Z'],
    ['2024-11-03', 'America/Havana', '2024-11-03T04:00Z'],
    ['2024-10-27', 'Atlantic/Azores', '2024-10-27T00:00Z'],
  ])('%s in %s at %s, the first of two midnights', (day, zone, moment) => {
    expect(startOfDay(day, zone)).toBe(at(moment));
  });

  test('a day that a country skipped is over as it begins', () => {
    const skipped = startOfDay('2011-12-30', 'Pacific/Apia');
    expect(skipped).toBe(at('2011-12-30T10:00Z'));
    expect(skipped).toBe(startOfDay('2011-12-31', 'Pacific/Apia'));
    expect(dayAt(skipped - 1, 'Pacific/Apia')).toBe('2011-12-29');
  });
});

test('the moment before a day belongs to the day before, in every zone and all year', () => {
  for (const zone of Intl.supportedValuesOf('timeZone').filter((_, index) => index % 7 === 0)) {
    for (let day = '2026-01-01'; day < '2027-01-01'; day = addDays(day, 13)) {
      const start = startOfDay(day, zone);
      expect([zone, dayAt(start, zone)]).toEqual([zone, day]);
      expect([zone, dayAt(start - 1, zone)]).toEqual([zone, addDays(day, -1)]);
    }
  }
});

test.each([
  ['2026-12-01', '18:00', 'UTC', '2026-12-01T18:00Z'],
  ['2026-12-01', '00:00', 'Asia/Kathmandu', '2026-11-30T18:15Z'],
  ['2026-07-01', '09:30', 'America/New_York', '2026-07-01T13:30Z'],
  // The clock goes from 2 to 3 and never shows 2:30; in autumn it shows 2:30 twice.
  ['2026-03-29', '01:59', 'Europe/Berlin', '2026-03-29T00:59Z'],
  ['2026-03-29', '02:30', 'Europe/Berlin', '2026-03-29T01:30Z'],
  ['2026-03-29', '03:30', 'Europe/Berlin', '2026-03-29T01:30Z'],
  ['2026-10-25', '02:30', 'Europe/Berlin', '2026-10-25T00:30Z'],
  ['2026-10-25', '03:00', 'Europe/Berlin', '2026-10-25T02:00Z'],
  ['2026-11-01', '01:30', 'America/New_York', '2026-11-01T05:30Z'],
])('%s %s in %s is %s', (day, time, zone, moment) => {
  expect(momentAt(day, time, zone)).toBe(at(moment));
});

test('counts days across leap days, years and clock changes', () => {
  expect(addDays('2024-02-28', 1)).toBe('2024-02-29');
  expect(addDays('2023-02-28', 1)).toBe('2023-03-01');
  expect(addDays('2000-02-29', 366)).toBe('2001-03-01');
  expect(addDays('2026-01-01', -1)).toBe('2025-12-31');
  expect(addDays('2026-03-28', 7)).toBe('2026-04-04');
  expect(addDays('2026-12-01', 0)).toBe('2026-12-01');
  expect(startOfDay('2026-03-30', 'Europe/Berlin') - startOfDay('2026-03-29', 'Europe/Berlin')).toBe(
    dayMs - 3600_000,
  );
});

test.each(['2026-12-31', '2024-02-29', '0001-01-01', '9999-12-31'])('%j is a day', (text) => {
  expect(daySchema.safeParse(text).success).toBe(true);
});

test.each([
  '2026-02-29',
  '2026-13-01',
  '2026-00-10',
  '2026-04-31',
  '2026-1-1',
  '26-01-01',
  '+002026-01-01',
  '2026-01-01T00:00',
  ' 2026-01-01',
  '2026-01-01\n',
  '٢٠٢٦-٠١-٠١',
  '',
])('%j is none', (text) => {
  expect(daySchema.safeParse(text).success).toBe(false);
});

test('accepts the time zones that the machine knows', () => {
  for (const zone of ['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Asia/Calcutta'])
    expect(timeZoneSchema.safeParse(zone).success).toBe(true);
  for (const zone of ['', 'Mars/Olympus', '../../etc/passwd', 'Europe/Berlin\u0000', 'a'.repeat(65)])
    expect(timeZoneSchema.safeParse(zone).success).toBe(false);
});

describe('the offsets of a time zone', () => {
  const hours = (spans: ReturnType<typeof clockSpans>) =>
    spans.map(({ from, offsetMs }) => [new Date(from).toISOString(), offsetMs / 3600_000]);

  test('change with the clocks', () => {
    expect(hours(clockSpans(at('2026-01-01'), at('2027-01-01'), 'Europe/Berlin'))).toEqual([
      ['2026-01-01T00:00:00.000Z', 1],
      ['2026-03-29T01:00:00.000Z', 2],
      ['2026-10-25T01:00:00.000Z', 1],
    ]);
    expect(hours(clockSpans(at('2026-01-01'), at('2027-01-01'), 'Asia/Kathmandu'))).toHaveLength(1);
  });

  test('give each moment of a year the day that it has there', () => {
    const [start, end] = [at('2026-01-01'), at('2027-01-01')];
    for (const zone of Intl.supportedValuesOf('timeZone').filter((_, index) => index % 9 === 0)) {
      const spans = clockSpans(start, end, zone);
      for (let moment = start; moment < end; moment += 7.3 * dayMs) {
        const { offsetMs } = spans.findLast(({ from }) => from <= moment)!;
        expect(new Date(moment + offsetMs).toISOString().slice(0, 10)).toBe(dayAt(moment, zone));
      }
    }
  });

  test('are one for no time at all', () => {
    expect(clockSpans(5, 5, 'UTC')).toEqual([{ from: 5, offsetMs: 0 }]);
  });
});
