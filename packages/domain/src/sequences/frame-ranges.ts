/** Describes a set of frames: its ranges, step and gaps, and their notation. */
import { paddedNumber, parsePattern } from './frame-names.ts';

/** First and last frame, both included. */
export type FrameRange = [first: number, last: number];

/**
 * The stored figures of a sequence. Their size is constant, and they suffice for everything except the list of gaps.
 */
export type FrameCounts = {
  first: number;
  last: number;
  /** The number of different frames. */
  count: number;
  /** The greatest common divisor of the distances between frames; 0 for a single frame. */
  divisor: number;
};

export type FrameSummary = {
  first: number;
  last: number;
  /** The number of different frames. Each duplicate is one more file. */
  count: number;
  /** 1, or n when only every nth frame is present. */
  step: number;
  /** The number of absent frames between the first and the last, counted by the step. */
  missing: number;
  /** The first present ranges and the first gaps; null when unknown, because not all frames were read. */
  ranges: FrameRange[] | null;
  gaps: FrameRange[] | null;
};

export function divisorOf(one: number, other: number): number {
  let [greater, less] = [Math.abs(one), Math.abs(other)];
  while (less > 0) [greater, less] = [less, greater % less];
  return greater;
}

/**
 * Returns the divisor when it is a step, otherwise 1. A step needs at least 3 frames without a gap, or at least 10
 * frames of which at most a tenth is missing.
 */
export function stepOf({ first, last, count, divisor }: FrameCounts): number {
  if (divisor < 2 || count < 3) return 1;
  const wanted = (last - first) / divisor + 1;
  const isStep = count === wanted || (count >= 10 && count * 10 >= wanted * 9);
  return isStep ? divisor : 1;
}

export function missingOf(counts: FrameCounts): number {
  const { first, last, count } = counts;
  return (last - first) / stepOf(counts) + 1 - count;
}

/** Computes the stored figures from different numbers in ascending order. */
export function countsOf(sorted: readonly number[]): FrameCounts {
  const first = sorted[0]!;
  let divisor = 0;
  for (const frame of sorted) {
    divisor = divisorOf(divisor, frame - first);
    if (divisor === 1) break;
  }
  return { first, last: sorted.at(-1)!, count: sorted.length, divisor };
}

/**
 * Summarises different numbers in ascending order. Lists at most `maxListed` ranges and gaps; the counts include all.
 */
export function summarize(sorted: readonly number[], maxListed: number): FrameSummary {
  const counts = countsOf(sorted);
  const step = stepOf(counts);
  const { first, last, count } = counts;
  return { first, last, count, step, missing: missingOf(counts), ...rangesOf(sorted, step, maxListed) };
}

/** Returns the first ranges of present frames, and the first gaps between them. */
export function rangesOf(
  sorted: readonly number[],
  step: number,
  maxListed: number,
): { ranges: FrameRange[]; gaps: FrameRange[] } {
  const ranges: FrameRange[] = [];
  const gaps: FrameRange[] = [];
  for (const frame of sorted) {
    const current = ranges.at(-1);
    if (current && frame - current[1] <= step) current[1] = frame;
    else {
      if (current && gaps.length < maxListed) gaps.push([current[1] + step, frame - step]);
      if (ranges.length === maxListed) break;
      ranges.push([frame, frame]);
    }
  }
  return { ranges, gaps };
}

/** Formats ranges: `1001-1040, 1101-1140`; with a step `1001-1039x2`, as fileseq and Nuke write it. */
export function rangesText(ranges: readonly FrameRange[], step = 1, width = 0): string {
  return ranges
    .map(([first, last]) => {
      const [from, to] = [paddedNumber(first, width), paddedNumber(last, width)];
      return first === last ? from : `${from}-${to}${step > 1 ? `x${step}` : ''}`;
    })
    .join(', ');
}

/**
 * Formats gaps for a sentence: `1002, 1004–1006`, with ` …` at the end when `gaps` does not cover all `missing` frames.
 */
export function gapsText(gaps: readonly FrameRange[], missing: number, step = 1): string {
  const listed = gaps.reduce((sum, [first, last]) => sum + (last - first) / step + 1, 0);
  const texts = gaps.map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`));
  return `${texts.join(', ')}${listed < missing ? ' …' : ''}`;
}

/** Names any frames of a sequence: `shot.1001.exr`, `shot.[1001-1003, 1007].exr`. */
export function framesLabel(pattern: string, sorted: readonly number[]): string {
  const parsed = parsePattern(pattern);
  if (!parsed) return pattern;
  const { prefix, width, suffix } = parsed;
  const { ranges } = rangesOf(sorted, 1, rangesInLabel + 1);
  const text = rangesText(ranges.slice(0, rangesInLabel), 1, width);
  const isOne = sorted.length === 1;
  return `${prefix}${isOne ? text : `[${text}${ranges.length > rangesInLabel ? ', …' : ''}]`}${suffix}`;
}

const rangesInLabel = 3;
/** A label writes shorter runs as single frames. */
const framesInRange = 5;

/** Names a sequence with its ranges: `shot.[1001-1040, 1101-1140].exr`, `shot.[1001-1039x2].exr`. */
export function sequenceLabel(
  pattern: string,
  { first, last, step, ranges }: Pick<FrameSummary, 'first' | 'last' | 'step' | 'ranges'>,
): string {
  const parsed = parsePattern(pattern);
  if (!parsed) return pattern;
  const { prefix, width, suffix } = parsed;
  if (first === last) return `${prefix}${paddedNumber(first, width)}${suffix}`;
  const isWhole = ranges !== null && ranges.length <= rangesInLabel && ranges.at(-1)?.[1] === last;
  const isBlocks = isWhole && ranges.every(([from, to]) => (to - from) / step + 1 >= framesInRange);
  return `${prefix}[${rangesText(isBlocks ? ranges : [[first, last]], step, width)}]${suffix}`;
}
