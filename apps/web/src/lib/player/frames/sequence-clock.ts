/** Times of an image sequence. Missing frames keep their time, so that a frame number always has the same time. */
import type { MediaReport } from '@turnover/domain/media/media-report';
import { exactRate, framesPerDay, readTimecode, type FrameRate } from '@turnover/domain/media/timecodes';
import type { PlayedFramesView } from '@turnover/domain/sequences/played-frames';
import { clockOf } from '../media-clock.ts';

/** Frame rate for a sequence without a stated one. */
export const rateOfNothing: FrameRate = '24';

/** The media report of one frame. */
export type FrameReport = { frame: number; report: MediaReport };

export type SequenceClock = {
  rate: FrameRate;
  rateFrom: 'frames' | 'request' | 'nothing';
  /** Timecode of the first frame, as the number of frames since midnight. */
  startFrame: number;
  startFrom: 'header' | 'number';
};

export function clockOfSequence(
  { frames: { first }, wantedRate }: Pick<PlayedFramesView, 'frames' | 'wantedRate'>,
  stated: FrameReport | null,
): SequenceClock {
  const ofFrames = clockOf(stated?.report ?? null).rate;
  const rate = ofFrames ?? wantedRate ?? rateOfNothing;
  const rateFrom = ofFrames ? 'frames' : wantedRate ? 'request' : 'nothing';
  const written = stated?.report.startTimecode;
  const read = written === undefined ? null : readTimecode(written, rate);
  const isStated = stated !== null && read !== null && 'frame' in read;
  const start = isStated ? read.frame - (stated.frame - first) : first;
  const day = framesPerDay(rate);
  return {
    rate,
    rateFrom,
    startFrame: ((start % day) + day) % day,
    startFrom: isStated ? 'header' : 'number',
  };
}

export function framesASecond(rate: FrameRate): number {
  const [frames, seconds] = exactRate(rate);
  return frames / seconds;
}

/** Returns the frames that a player wants next, most urgent first. A negative stride goes backwards. */
export function framesToLoad(
  { first, last, step }: Pick<PlayedFramesView['frames'], 'first' | 'last' | 'step'>,
  at: number,
  { stride, ahead, behind }: { stride: number; ahead: number; behind: number },
): number[] {
  const by = step * stride;
  const to = (count: number, each: number) =>
    Array.from({ length: count }, (_, index) => at + each * (index + 1)).map((frame) =>
      Math.min(Math.max(frame, first), last),
    );
  // A stride beyond an end stops at the end.
  return [...new Set([at, ...to(ahead, by), ...to(behind, -by)])];
}

/** Returns the gaps in seconds, each from the start of its first missing frame to the end of its last one. */
export function gapsInSeconds(
  { first, step, gaps }: Pick<PlayedFramesView['frames'], 'first' | 'step' | 'gaps'>,
  rate: FrameRate,
): { from: number; to: number }[] {
  const secondsAt = (frame: number) => (frame - first) / framesASecond(rate);
  return (gaps ?? []).map(([from, to]) => ({ from: secondsAt(from), to: secondsAt(to + step) }));
}

/** Returns the number of listed gaps when there are more of them; null when all are listed. */
export function listedGaps({
  step,
  missing,
  gaps,
}: Pick<PlayedFramesView['frames'], 'step' | 'missing' | 'gaps'>): number | null {
  const listed = (gaps ?? []).reduce((sum, [from, to]) => sum + (to - from) / step + 1, 0);
  return listed < missing ? (gaps ?? []).length : null;
}
