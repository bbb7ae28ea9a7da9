/**
 * Converts the times of a file: from seconds of the player to frames and timecodes, and from the timecode of a finding
 * back.
 */
import type { MediaReport } from '@turnover/domain/media/media-report';
import {
  exactRate,
  frameRateOf,
  framesPerDay,
  readTimecode,
  timecodeAt,
  timeOfMs,
  type FrameRate,
} from '@turnover/domain/media/timecodes';

export type MediaClock = {
  /** Null when the file has no frames or their rate is unknown; times then have milliseconds. */
  rate: FrameRate | null;
  /** The timecode of the first frame, as frames from midnight; 0 when the file states none. */
  startFrame: number;
};

export function clockOf(report: MediaReport | null): MediaClock {
  const picture = report?.tracks.find((track) => track.kind === 'picture');
  const rate = picture?.frameRate ? frameRateOf(picture.frameRate, report?.dropFrame ?? false) : null;
  const start = rate && report?.startTimecode ? readTimecode(report.startTimecode, rate) : null;
  return { rate, startFrame: start && 'frame' in start ? start.frame : 0 };
}

/** Returns the frame, counted from 0. Adds a little to the time, because players round it down. */
export function frameAt({ rate }: MediaClock, seconds: number): number {
  if (rate === null) return 0;
  const [frames, per] = exactRate(rate);
  return Math.max(0, Math.floor((seconds * frames) / per + 0.01));
}

/** Returns the middle of the frame in seconds, so that no rounding shows the neighbouring frame. */
export function secondsOfFrame({ rate }: MediaClock, frame: number): number {
  if (rate === null) return 0;
  const [frames, per] = exactRate(rate);
  return ((frame + 0.5) * per) / frames;
}

/** Returns the moment in the form that findings accept: a timecode, or a time with milliseconds from the beginning. */
export function momentAt(clock: MediaClock, seconds: number): string {
  const { rate, startFrame } = clock;
  if (rate === null) return timeOfMs(seconds * 1000);
  return timecodeAt((startFrame + frameAt(clock, seconds)) % framesPerDay(rate), rate);
}

/** Returns the seconds from the beginning; null for text that is no moment of the file. */
export function secondsOf(clock: MediaClock, moment: string, findingRate: FrameRate | null): number | null {
  const read = readTimecode(moment, findingRate ?? clock.rate ?? '25');
  if ('problem' in read) return null;
  if (read.kind === 'time') return secondsOfTime(read.text);
  const rate = findingRate ?? clock.rate;
  if (rate === null) return null;
  const [frames, per] = exactRate(rate);
  if (clock.rate === null) return (read.frame * per) / frames;
  // A timecode below the start counts from the first frame.
  const from = read.frame < clock.startFrame ? 0 : clock.startFrame;
  return ((read.frame - from + 0.5) * per) / frames;
}

function secondsOfTime(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = text.split(':').map(Number);
  return hours * 3600 + minutes * 60 + seconds;
}
