import { describe, expect, test } from 'vitest';
import type { MediaReport } from '@turnover/domain/media/media-report';
import { momentAt } from '../media-clock.ts';
import { clockOfSequence, framesToLoad, gapsInSeconds, listedGaps } from './sequence-clock.ts';

const counted = (first: number, last = first + 100) => ({
  frames: { first, last, count: 101, step: 1, missing: 0, duplicates: 0, ranges: null, gaps: null },
  wantedRate: null,
});
const report = (frameRate?: [number, number], startTimecode?: string): MediaReport => ({
  reader: 'test',
  container: 'DPX',
  ...(startTimecode && { startTimecode }),
  tracks: [{ kind: 'picture', ...(frameRate && { frameRate }) }],
  details: {},
});

test('takes rate and timecode from the frames, whichever of them was read', () => {
  const clock = clockOfSequence(counted(1001), {
    frame: 1025,
    report: report([24_000, 1001], '01:00:01:00'),
  });
  expect(clock).toMatchObject({ rate: '23.976', rateFrom: 'frames', startFrom: 'header' });
  expect(momentAt(clock, 0)).toBe('01:00:00:00');
});

test('otherwise takes the rate from the request and the timecode from the frame number', () => {
  const clock = clockOfSequence(
    { ...counted(86_400), wantedRate: '25' },
    { frame: 86_400, report: report() },
  );
  expect(clock).toMatchObject({ rate: '25', rateFrom: 'request', startFrom: 'number' });
  expect(momentAt(clock, 0)).toBe('00:57:36:00');
});

test('a timecode in the frames is read at the rate of the request', () => {
  const stated = { frame: 1, report: report(undefined, '10:00:00:24') };
  expect(clockOfSequence({ ...counted(1), wantedRate: '25' }, stated).startFrom).toBe('header');
  // There is no frame 24 at 24 frames a second.
  expect(clockOfSequence(counted(1), stated).startFrom).toBe('number');
});

test('uses and reports 24 frames per second when nothing states a rate', () => {
  expect(clockOfSequence(counted(0), null)).toEqual({
    rate: '24',
    rateFrom: 'nothing',
    startFrame: 0,
    startFrom: 'number',
  });
});

test('gives a timecode to numbers below zero and beyond a day', () => {
  expect(momentAt(clockOfSequence(counted(-1), null), 0)).toBe('23:59:59:23');
  expect(momentAt(clockOfSequence(counted(24 * 86_400 + 5), null), 0)).toBe('00:00:00:05');
});

describe('frames to load', () => {
  const frames = { first: 1, last: 20, step: 1 };
  test('are those ahead, then some behind, within the sequence', () => {
    expect(framesToLoad(frames, 18, { stride: 1, ahead: 4, behind: 2 })).toEqual([18, 19, 20, 17, 16]);
  });
  test('follow the direction, the speed and the step', () => {
    expect(framesToLoad(frames, 10, { stride: -2, ahead: 2, behind: 1 })).toEqual([10, 8, 6, 12]);
    expect(framesToLoad({ ...frames, step: 5 }, 6, { stride: 1, ahead: 2, behind: 1 })).toEqual([
      6, 11, 16, 1,
    ]);
  });
  test('reach the end, where a stride would lead beyond it', () => {
    expect(framesToLoad(frames, 15, { stride: 4, ahead: 3, behind: 0 })).toEqual([15, 19, 20]);
    expect(framesToLoad(frames, 6, { stride: -4, ahead: 3, behind: 0 })).toEqual([6, 2, 1]);
  });
});

test('a gap lasts to the next frame that is there, with a step, too', () => {
  expect(gapsInSeconds({ first: 1, step: 1, gaps: [[25, 48]] }, '24')).toEqual([{ from: 1, to: 2 }]);
  expect(gapsInSeconds({ first: 1, step: 10, gaps: [[26, 66]] }, '25')).toEqual([{ from: 1, to: 3 }]);
});

test('returns the number of listed gaps when there are more', () => {
  expect(
    listedGaps({
      step: 2,
      missing: 3,
      gaps: [
        [3, 5],
        [9, 9],
      ],
    }),
  ).toBeNull();
  expect(
    listedGaps({
      step: 2,
      missing: 4,
      gaps: [
        [3, 5],
        [9, 9],
      ],
    }),
  ).toBe(2);
  expect(listedGaps({ step: 1, missing: 0, gaps: null })).toBeNull();
});
