/** What a set of frames looks like: its ranges, its step, what is missing, and how all that is written. */
import { paddedNumber, parsePattern } from './frame-names.ts';

/** First and last, both included. */
export type FrameRange = [first: number, last: number];

/** What is kept of a sequence however many frames it has: enough for everything but the single gaps. */
export type FrameCounts = {
  first: number;
  last: number;
  /** Different numbers. */
  count: number;
  /** Greatest common divisor of the distances between them; 0 for a single one. */
  divisor: number;
};

export type FrameSummary = {
  first: number;
  last: number;
  /** Different numbers; a file more for each duplicate. */
  count: number;
  /** 1, or n where only every nth frame is there. */
  step: number;
  /** Frames between the first and the last, of those of the step, that are not there. */
  missing: number;
  /** What is there, and what is not, from the first one on; null: not all was looked at. */
  ranges: FrameRange[] | null;
  gaps: FrameRange[] | null;
};

export function divisorOf(one: number, other: number): number {
  let [greater, less] = [Math.abs(one), Math.abs(other)];
  while (less > 0) [greater, less] = [less, greater % less];
  return greater;
}

/** Every nth frame is a step only where at least three of them follow it, and hardly one of them is missing. */
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

/** Of different numbers in ascending order. */
export function countsOf(sorted: readonly number[]): FrameCounts {
  const first = sorted[0]!;
  let divisor = 0;
  for (const frame of sorted) {
    divisor = divisorOf(divisor, frame - first);
    if (divisor === 1) break;
  }
  return { first, last: sorted.at(-1)!, count: sorted.length, divisor };
}

/** At most so many ranges and gaps; the counts are of all. */
export function summarize(sorted: readonly number[], most: number): FrameSummary {
  const counts = countsOf(sorted);
  const step = stepOf(counts);
  const { first, last, count } = counts;
  return { first, last, count, step, missing: missingOf(counts), ...rangesOf(sorted, step, most) };
}

/** The first ranges of what is there, and the first gaps between them. */
export function rangesOf(
  sorted: readonly number[],
  step: number,
  most: number,
): { ranges: FrameRange[]; gaps: FrameRange[] } {
  const ranges: FrameRange[] = [];
  const gaps: FrameRange[] = [];
  for (const frame of sorted) {
    const current = ranges.at(-1);
    if (current && frame - current[1] <= step) current[1] = frame;
    else {
      if (current && gaps.length < most) gaps.push([current[1] + step, frame - step]);
      if (ranges.length === most) break;
      ranges.push([frame, frame]);
    }
  }
  return { ranges, gaps };
}

/** `1001-1040, 1101-1140`; with a step `1001-1039x2`, as fileseq and Nuke write it. */
export function rangesText(ranges: readonly FrameRange[], step = 1, width = 0): string {
  return ranges
    .map(([first, last]) => {
      const [from, to] = [paddedNumber(first, width), paddedNumber(last, width)];
      return first === last ? from : `${from}-${to}${step > 1 ? `x${step}` : ''}`;
    })
    .join(', ');
}

/** For a sentence: `1002, 1004–1006`, with a sign at the end when there are more. */
export function gapsText(gaps: readonly FrameRange[], missing: number, step = 1): string {
  const told = gaps.reduce((sum, [first, last]) => sum + (last - first) / step + 1, 0);
  const texts = gaps.map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`));
  return `${texts.join(', ')}${told < missing ? ' …' : ''}`;
}

const rangesInLabel = 3;
/** Fewer frames between two gaps are what is left of a range, not one of its own. */
const framesInRange = 5;

/** Names of the frames of a sequence: `shot.[1001-1040, 1101-1140].exr`, `shot.[1001-1039x2].exr`. */
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
