import { expect, test } from 'vitest';
import { clockOfSequence } from '#lib/player/frames/sequence-clock.ts';
import { frameAt } from '#lib/player/media-clock.ts';
import { findingsOf, frameOfFinding, frameOfPath, placeAtFrame } from './frame-findings.ts';

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
const unknown = () => undefined;
const finding = (path: string, timecodeIn: string | null = null, timecodeOut: string | null = null) => ({
  file: { id: 'dlf_9', path },
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
  const placed = placeAtFrame(sequence, clock, finding('vfx/shot.1005.exr', '09:00:00:00'), unknown);
  expect([frameAt(clock, placed!.from), placed!.to]).toEqual([4, null]);
});

test('a stretch lasts as long as its timecodes, and not beyond the last frame', () => {
  const short = placeAtFrame(
    sequence,
    clock,
    finding('vfx/shot.1002.exr', '00:00:10:00', '00:00:10:03'),
    unknown,
  );
  expect(short!.to! - short!.from).toBeCloseTo(3 / 24, 5);
  const long = placeAtFrame(
    sequence,
    clock,
    finding('vfx/shot.1002.exr', '00:00:10:00', '00:01:00:00'),
    unknown,
  );
  expect(long!.to).toBeCloseTo(10 / 24, 5);
});

test('on a frame that is no longer within the sequence, it stands nowhere', () => {
  expect(placeAtFrame(sequence, clock, finding('vfx/shot.2000.exr'), unknown)).toBeNull();
  expect(placeAtFrame(sequence, clock, { ...finding(''), file: null }, unknown)).toBeNull();
});

test('a file that has another name now is found by its ids', () => {
  const known: Record<string, number> = { dlf_now: 1006, dlf_then: 1003 };
  const frameOfFile = (id: string) => known[id];
  const then = { id: 'dlf_then', path: 'vfx/shot.1002.exr' };
  expect(frameOfFinding(sequence, then, frameOfFile)).toBe(1003);
  expect(frameOfFinding(sequence, { ...then, nowId: 'dlf_now' }, frameOfFile)).toBe(1006);
  expect(frameOfFinding(sequence, { ...then, nowId: 'dlf_far' }, unknown)).toBe(1002);
  expect(frameOfFinding(sequence, { id: 'dlf_then', path: 'renamed.exr' }, frameOfFile)).toBe(1003);
});

test('a round shows what was found until then, and was not resolved before', () => {
  const by = { id: 'usr_1', name: 'Ada', deleted: false };
  const of = (round: number, resolved?: number) => ({
    round,
    checked: resolved ? ({ by, at: 0, round: resolved } as never) : null,
  });
  const all = [of(1), of(1, 2), of(1, 3), of(2), of(3)];
  expect(findingsOf(all, null)).toEqual(all);
  expect(findingsOf(all, 1)).toEqual([of(1), of(1, 2), of(1, 3)]);
  expect(findingsOf(all, 3)).toEqual([of(1), of(1, 3), of(2), of(3)]);
});
