import { describe, expect, test } from 'vitest';
import { forecastProcessing, forecastUpload } from './forecast.ts';

const now = Date.parse('2026-11-27T22:00Z');
const GB = 1e9;

describe('the forecast for an upload', () => {
  test.each([
    ['follows its speed', 70 * GB, 10e6, now + 7_000_000],
    ['is now when nothing remains', 0, null, now],
    ['is rounded to whole milliseconds', 1, 3, now + 333],
  ])('%s', (_, remainingBytes, bytesPerSecond, at) => {
    expect(forecastUpload({ remainingBytes, bytesPerSecond, now })).toBe(at);
  });

  test.each([null, 0, -1, Number.NaN])('is unknown at a speed of %s', (bytesPerSecond) => {
    expect(forecastUpload({ remainingBytes: 1, bytesPerSecond, now })).toBeNull();
  });

  test('is unknown when the end is beyond the range of dates', () => {
    expect(forecastUpload({ remainingBytes: 1e15, bytesPerSecond: 1e-3, now })).toBeNull();
  });
});

describe('the forecast for processing', () => {
  const run = (bytes: number, durationMs: number) => ({ bytes, durationMs });
  const work = { bytes: 1000, bytesAhead: 0, slots: 1, now };

  test.each([
    ['follows the only past run', [run(100, 50)], {}, 500],
    ['follows the middle one of three runs', [run(100, 50), run(100, 9_000_000), run(100, 100)], {}, 1000],
    ['lies between the middle two of four runs', [run(1, 1), run(1, 2), run(1, 4), run(1, 90)], {}, 3000],
    ['includes the bytes ahead', [run(100, 50)], { bytesAhead: 3000 }, 2000],
    ['divides the bytes ahead by the slots', [run(100, 50)], { bytesAhead: 3000, slots: 3 }, 1000],
    ['counts at least one slot', [run(100, 50)], { bytesAhead: 1000, slots: 0 }, 1000],
    [
      'ignores runs without bytes or with a negative duration',
      [run(0, 50), run(100, -5), run(100, 50)],
      {},
      500,
    ],
    ['is now when there are no bytes', [], { bytes: 0, bytesAhead: 1000 }, 0],
  ])('%s', (_, past, more, afterMs) => {
    expect(forecastProcessing({ ...work, ...more, past })).toBe(now + afterMs);
  });

  test.each([[[]], [[run(0, 10)]], [[run(10, Number.NaN)]]])('is unknown from the past runs %j', (past) => {
    expect(forecastProcessing({ ...work, past })).toBeNull();
  });
});
