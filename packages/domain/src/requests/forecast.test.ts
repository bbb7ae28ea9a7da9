import { describe, expect, test } from 'vitest';
import { forecastProcessing, forecastUpload } from './forecast.ts';

const now = Date.parse('2026-11-27T22:00Z');
const GB = 1e9;

describe('an upload ends', () => {
  test.each([
    ['by its speed', 70 * GB, 10e6, now + 7_000_000],
    ['now when nothing remains', 0, null, now],
    ['whole milliseconds later', 1, 3, now + 333],
  ])('%s', (_, remainingBytes, bytesPerSecond, at) => {
    expect(forecastUpload({ remainingBytes, bytesPerSecond, now })).toBe(at);
  });

  test.each([null, 0, -1, Number.NaN])('nobody knows when, at a speed of %s', (bytesPerSecond) => {
    expect(forecastUpload({ remainingBytes: 1, bytesPerSecond, now })).toBeNull();
  });

  test('never, where the calendar ends before it', () => {
    expect(forecastUpload({ remainingBytes: 1e15, bytesPerSecond: 1e-3, now })).toBeNull();
  });
});

describe('processing ends', () => {
  const run = (bytes: number, durationMs: number) => ({ bytes, durationMs });
  const work = { bytes: 1000, bytesAhead: 0, slots: 1, now };

  test.each([
    ['by the one run known', [run(100, 50)], {}, 500],
    ['by the middle one of three', [run(100, 50), run(100, 9_000_000), run(100, 100)], {}, 1000],
    ['between the middle ones of four', [run(1, 1), run(1, 2), run(1, 4), run(1, 90)], {}, 3000],
    ['after what is ahead', [run(100, 50)], { bytesAhead: 3000 }, 2000],
    ['after its share of what is ahead', [run(100, 50)], { bytesAhead: 3000, slots: 3 }, 1000],
    ['as if one slot were there when there is none', [run(100, 50)], { bytesAhead: 1000, slots: 0 }, 1000],
    ['by runs that tell something', [run(0, 50), run(100, -5), run(100, 50)], {}, 500],
    ['at once when there is nothing', [], { bytes: 0, bytesAhead: 1000 }, 0],
  ])('%s', (_, past, more, afterMs) => {
    expect(forecastProcessing({ ...work, ...more, past })).toBe(now + afterMs);
  });

  test.each([[[]], [[run(0, 10)]], [[run(10, Number.NaN)]]])('nobody knows when, from %j', (past) => {
    expect(forecastProcessing({ ...work, past })).toBeNull();
  });
});
