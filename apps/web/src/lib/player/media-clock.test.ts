import { describe, expect, test } from 'vitest';
import type { MediaReport } from '@turnover/domain/media/media-report';
import { clockOf, frameAt, momentAt, secondsOf, secondsOfFrame } from './media-clock.ts';

const report = (more: Partial<MediaReport>, frameRate?: [number, number]): MediaReport => ({
  reader: 'test',
  container: 'QuickTime',
  tracks: [{ kind: 'picture', ...(frameRate && { frameRate }) }],
  details: {},
  ...more,
});
const film = clockOf(report({ startTimecode: '00:59:50:00' }, [24_000, 1001]));
const television = clockOf(report({ startTimecode: '01:00:00;00', dropFrame: true }, [30_000, 1001]));
const sound = clockOf(report({ tracks: [{ kind: 'sound' }] }));

test('every frame keeps its number when it is shown and parsed again', () => {
  for (const clock of [film, television])
    for (let frame = 0; frame < 200_000; frame += 7)
      expect(frameAt(clock, secondsOfFrame(clock, frame))).toBe(frame);
});

describe('the moment', () => {
  test('counts from the start timecode', () => {
    expect(momentAt(film, 0)).toBe('00:59:50:00');
    expect(momentAt(film, secondsOfFrame(film, 24 * 10))).toBe('01:00:00:00');
  });

  test('skips the numbers that drop frame skips', () => {
    expect(momentAt(television, secondsOfFrame(television, 1799))).toBe('01:00:59;29');
    expect(momentAt(television, secondsOfFrame(television, 1800))).toBe('01:01:00;02');
  });

  test('continues after midnight', () => {
    const late = clockOf(report({ startTimecode: '23:59:59:23' }, [24, 1]));
    expect(momentAt(late, secondsOfFrame(late, 1))).toBe('00:00:00:00');
  });

  test('of sound is a time', () => {
    expect(momentAt(sound, 61.5)).toBe('00:01:01.500');
  });
});

test('a moment leads back to its frame', () => {
  for (const frame of [0, 1, 17, 1799, 1800, 100_000]) {
    const moment = momentAt(television, secondsOfFrame(television, frame));
    expect(frameAt(television, secondsOf(television, moment, null)!)).toBe(frame);
  }
  expect(secondsOf(sound, '00:01:01.500', '25')).toBe(61.5);
  expect(secondsOf(sound, '00:00:01:00', null)).toBeNull();
  // Sound has no frame whose middle could be meant.
  expect(secondsOf(sound, '00:00:01:12', '24')).toBe(1.5);
  // Before the start timecode, the text counts from the first frame.
  expect(frameAt(film, secondsOf(film, '00:00:10:00', null)!)).toBe(240);
  expect(secondsOf(film, 'soon', null)).toBeNull();
});
