import { expect, test } from 'vitest';
import type { MediaReport } from '@turnover/domain/media/media-report';
import { soundsIn } from './by-ffmpeg.ts';

/** Builds a report with a picture and sound tracks that have these numbers of channels. */
const heardIn = (...channels: number[]) => {
  const tracks = [
    { kind: 'picture' as const },
    ...channels.map((each) => ({ kind: 'sound' as const, channels: each })),
  ];
  return soundsIn({ tracks } as MediaReport).map(({ inputs, layout, track }) => [
    inputs.join(),
    layout,
    track,
  ]);
};

test('tracks of one channel each form stereo, 5.1, or 5.1 followed by stereo', () => {
  expect(heardIn(1, 1)).toEqual([['0,1', 'stereo', 1]]);
  expect(heardIn(1, 1, 1, 1, 1, 1)).toEqual([['0,1,2,3,4,5', '5.1', 1]]);
  expect(heardIn(1, 1, 1, 1, 1, 1, 1, 1)).toEqual([
    ['0,1,2,3,4,5', '5.1', 1],
    ['6,7', 'stereo', 7],
  ]);
});

test('other tracks are separate sounds, of which the first eight are measured', () => {
  expect(heardIn()).toEqual([]);
  expect(heardIn(2, 1)).toEqual([
    ['0', null, 1],
    ['1', null, 2],
  ]);
  expect(heardIn(...Array.from({ length: 10 }, () => 2))).toHaveLength(8);
});
