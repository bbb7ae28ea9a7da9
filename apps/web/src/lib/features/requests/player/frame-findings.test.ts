import { expect, test } from 'vitest';
import { clockOfSequence } from '#lib/player/frames/sequence-clock.ts';
import { frameAt } from '#lib/player/media-clock.ts';
import { frameOfPath, placeAtFrame } from './frame-findings.ts';

const frames = {
  first: 1001,
  last: 1010,
  count: 9,
  step: 1,
  missing: 1,
  duplicates: 0,
  ranges: null,
  gaps: null,
};
const sequence = { folder: 'vfx', frames, firstFile: { id: 'dlf_1', frame: 1001, name: 'shot.1001.exr' } };
const clock = clockOfSequence({ frames, wantedRate: '24' }, null);
const finding = (path: string, timecodeIn: string | null = null, timecodeOut: string | null = null) => ({
  file: { path },
  timecodeIn,
  timecodeOut,
  frameRate: '24' as const,
});

test('a finding belongs to the sequence of its folder and name only', () => {
  expect(frameOfPath(sequence, 'vfx/shot.1005.exr')).toBe(1005);
  expect(frameOfPath(sequence, 'VFX/Shot.01005.exr')).toBe(1005);
  for (const path of ['shot.1005.exr', 'vfx/shot.1005.dpx', 'vfx/other.1005.exr', 'vfx/notes.txt'])
    expect(frameOfPath(sequence, path)).toBeNull();
});

test('it stands on its frame, whatever its timecode says', () => {
  const placed = placeAtFrame(sequence, clock, finding('vfx/shot.1005.exr', '09:00:00:00'));
  expect([frameAt(clock, placed!.from), placed!.to]).toEqual([4, null]);
});

test('a stretch lasts as long as its timecodes, and not beyond the last frame', () => {
  const short = placeAtFrame(sequence, clock, finding('vfx/shot.1002.exr', '00:00:10:00', '00:00:10:03'));
  expect(short!.to! - short!.from).toBeCloseTo(3 / 24, 5);
  const long = placeAtFrame(sequence, clock, finding('vfx/shot.1002.exr', '00:00:10:00', '00:01:00:00'));
  expect(long!.to).toBeCloseTo(10 / 24, 5);
});

test('on a frame that is no longer within the sequence, it stands nowhere', () => {
  expect(placeAtFrame(sequence, clock, finding('vfx/shot.2000.exr'))).toBeNull();
  expect(placeAtFrame(sequence, clock, { ...finding(''), file: null })).toBeNull();
});
