import { expect, test } from 'vitest';
import type { MediaReport } from '@turnover/domain/media/media-report';
import { soundsIn } from './by-ffmpeg.ts';

/** A film with a picture and tracks of sound with as many channels each. */
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

test('tracks of one channel each are stereo, 5.1, or 5.1 with stereo behind it', () => {
  expect(heardIn(1, 1)).toEqual([['0,1', 'stereo', 1]]);
  expect(heardIn(1, 1, 1, 1, 1, 1)).toEqual([['0,1,2,3,4,5', '5.1', 1]]);
  expect(heardIn(1, 1, 1, 1, 1, 1, 1, 1)).toEqual([
    ['0,1,2,3,4,5', '5.1', 1],
    ['6,7', 'stereo', 7],
  ]);
});

test('other tracks are sounds of their own, the first eight of them', () => {
  expect(heardIn()).toEqual([]);
  expect(heardIn(2, 1)).toEqual([
    ['0', null, 1],
    ['1', null, 2],
  ]);
  expect(heardIn(...Array.from({ length: 10 }, () => 2))).toHaveLength(8);
});
