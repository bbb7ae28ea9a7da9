import { afterEach, describe, expect, test, vi } from 'vitest';
import { latestTimeOfDay, nextTimeOfDay } from './backups.ts';

afterEach(() => vi.unstubAllEnvs());
const two = { hours: 2, minutes: 0 };
const zone = (name: string) => vi.stubEnv('TZ', name);
const iso = (time: number) => new Date(time).toISOString();

describe('the time of the day', () => {
  test('is that of the machine', () => {
    zone('America/Mexico_City');
    const now = Date.parse('2026-11-30T07:59:00Z');
    expect(iso(latestTimeOfDay(now, two))).toBe('2026-11-29T08:00:00.000Z');
    expect(iso(nextTimeOfDay(now, two))).toBe('2026-11-30T08:00:00.000Z');
    expect(iso(latestTimeOfDay(now + 60_000, two))).toBe('2026-11-30T08:00:00.000Z');
    expect(iso(nextTimeOfDay(now + 60_000, two))).toBe('2026-12-01T08:00:00.000Z');
  });

  test('comes once on a day that skips it, and once on a day that repeats it', () => {
    zone('Europe/Berlin');
    const halfPastTwo = { hours: 2, minutes: 30 };
    const daysOf = (first: string) =>
      [0, 1, 2].map((days) => iso(nextTimeOfDay(Date.parse(first) + days * 86_400_000, halfPastTwo)));
    expect(daysOf('2026-03-28T00:00:00Z')).toEqual([
      '2026-03-28T01:30:00.000Z',
      '2026-03-29T01:30:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ]);
    expect(daysOf('2026-10-23T23:00:00Z')).toEqual([
      '2026-10-24T00:30:00.000Z',
      '2026-10-25T00:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ]);
  });
});
