/** The times of an image sequence. Frames that are missing keep their time, so that a number always stands at the same place. */
import type { MediaReport } from '@turnover/domain/media/media-report';
import { exactRate, framesPerDay, readTimecode, type FrameRate } from '@turnover/domain/media/timecodes';
import type { PlayedFramesView } from '@turnover/domain/sequences/played-frames';
import { clockOf } from '../media-clock.ts';

/** For a sequence whose rate nothing states. */
export const rateOfNothing: FrameRate = '24';

/** What a frame says about itself. */
export type FrameReport = { frame: number; report: MediaReport };

export type SequenceClock = {
  rate: FrameRate;
  rateFrom: 'frames' | 'request' | 'nothing';
  /** Frames from midnight to the first frame. */
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

/** The frames that a player wants next, the most urgent first. Backwards with a negative stride. */
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
  // A stride that would lead beyond an end leads to it.
  return [...new Set([at, ...to(ahead, by), ...to(behind, -by)])];
}

/** The gaps in seconds, each from the beginning of its first missing frame to the end of its last. */
export function gapsInSeconds(
  { first, step, gaps }: Pick<PlayedFramesView['frames'], 'first' | 'step' | 'gaps'>,
  rate: FrameRate,
): { from: number; to: number }[] {
  const secondsAt = (frame: number) => (frame - first) / framesASecond(rate);
  return (gaps ?? []).map(([from, to]) => ({ from: secondsAt(from), to: secondsAt(to + step) }));
}

/** How many gaps are listed when there are more of them; null: all are. */
export function listedGaps({
  step,
  missing,
  gaps,
}: Pick<PlayedFramesView['frames'], 'step' | 'missing' | 'gaps'>): number | null {
  const listed = (gaps ?? []).reduce((sum, [from, to]) => sum + (to - from) / step + 1, 0);
  return listed < missing ? (gaps ?? []).length : null;
}
