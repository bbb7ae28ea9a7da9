import { expect, test } from 'vitest';
import { readPeaks, writePeaks } from './peaks.ts';

const peaks = {
  channels: 2,
  pairsPerSecond: 100,
  pairs: [Int8Array.of(-3, 4, -5, 6), Int8Array.of(-127, 127, 0, 0)],
};

test('a waveform survives writing and reading', () => {
  expect(readPeaks(writePeaks(peaks).buffer as ArrayBuffer)).toEqual(peaks);
});

test.each([
  ['too short', (bytes: Uint8Array) => bytes.slice(0, 10)],
  ['cut', (bytes: Uint8Array) => bytes.slice(0, -1)],
  ['something else', (bytes: Uint8Array) => bytes.map((byte, at) => (at === 0 ? 0 : byte))],
])('bytes that are %s are no waveform', (_, spoil) => {
  expect(readPeaks(spoil(writePeaks(peaks)).slice().buffer as ArrayBuffer)).toBeNull();
});
