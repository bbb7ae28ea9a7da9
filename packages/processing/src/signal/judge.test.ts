import { expect, test } from 'vitest';
import { limitsFor, noLimits, signalLimits } from '@turnover/domain/media/signal-limits';
import { loudnessProblems, peakProblems } from './judge.ts';

const held = (asked: Partial<typeof noLimits>) => limitsFor({ ...noLimits, ...asked });

test('loudness is a problem only outside what the type names', () => {
  const limits = held({ minLoudnessLufs: -24, maxLoudnessLufs: -22 });
  expect(loudnessProblems(-23, limits)).toEqual([]);
  expect(loudnessProblems(-22.04, limits)).toEqual([]);
  expect(loudnessProblems(-21.9, limits)).toEqual([
    { code: 'loudness_unwanted', measured: '-21.9 LUFS', wanted: 'at most -22 LUFS' },
  ]);
  expect(loudnessProblems(-30, limits)).toEqual([
    { code: 'loudness_unwanted', measured: '-30.0 LUFS', wanted: 'at least -24 LUFS' },
  ]);
  expect(loudnessProblems(-30, limitsFor(null))).toEqual([]);
  expect(loudnessProblems(-30, limits, 2)).toMatchObject([{ code: 'loudness_unwanted', track: 2 }]);
  expect(loudnessProblems(null, limits)).toEqual([]);
});

test('without a type, the limits of the hub hold', () => {
  expect(limitsFor(null)).toEqual(held({}));
  expect(peakProblems(0.2, limitsFor(null), 1)).toEqual([
    { code: 'true_peak_high', track: 1, measured: '0.2 dBTP', wanted: '0 dBTP' },
  ]);
  expect(peakProblems(null, limitsFor(null))).toEqual([]);
});

test.each([
  { blackSeconds: 0 },
  { silenceSeconds: Infinity },
  { truePeakDbtp: NaN },
  { freezeSeconds: '2' },
  { minLoudnessLufs: -20, maxLoudnessLufs: -24 },
])('refuses %o', (limits) => {
  expect(signalLimits.safeParse(limits).success).toBe(false);
});
