/** Checks the times and texts of subtitles against the limits of their language. */
import type { MediaProblem } from '@turnover/domain/media/media-problems';
import { cueLimits, type TextProfile } from '@turnover/domain/media/text-profiles';
import type { Cue } from './cue.ts';

export type CueChecks = { profile: TextProfile; framesPerSecond: number; isOrdered: boolean };

/** Tolerance, because times of frames are no whole milliseconds. */
const toleranceMs = 1;

export function checkCues(cues: readonly Cue[], checks: CueChecks): MediaProblem[] {
  return [
    ...cues.flatMap((cue) => [...checkTimes(cue), ...checkText(cue, checks.profile)]),
    ...(checks.isOrdered ? checkOrder(cues) : []),
    ...checkNeighbours(cues, checks.framesPerSecond),
  ];
}

function checkTimes(cue: Cue): MediaProblem[] {
  const { fromMs, toMs } = cue;
  if (toMs === null) return [];
  if (toMs <= fromMs) {
    return [
      { code: 'cue_reversed', ...lineOf(cue), fromMs, measured: clockText(toMs), wanted: clockText(fromMs) },
    ];
  }
  const length = toMs - fromMs;
  const measured = secondsText(length);
  if (length < cueLimits.minMs - toleranceMs) {
    return [{ code: 'cue_short', ...placeOf(cue), measured, wanted: secondsText(cueLimits.minMs) }];
  }
  if (length <= cueLimits.maxMs + toleranceMs) return [];
  return [{ code: 'cue_long', ...placeOf(cue), measured, wanted: secondsText(cueLimits.maxMs) }];
}

function checkText(cue: Cue, profile: TextProfile): MediaProblem[] {
  const { lines } = cue;
  if (lines === null) return [];
  const place = placeOf(cue);
  if (lines.length === 0) return [{ code: 'cue_empty', ...place }];
  const problems: MediaProblem[] = [];
  if (lines.length > cueLimits.lines) {
    problems.push({ code: 'cue_lines', ...place, measured: `${lines.length}`, wanted: `${cueLimits.lines}` });
  }
  const lengths = lines.map((line) => charactersIn(line, profile));
  const longest = lengths.reduce((most, each) => Math.max(most, each), 0);
  if (longest > profile.charactersPerLine) {
    problems.push({
      code: 'cue_line_long',
      ...place,
      measured: `${longest}`,
      wanted: `${profile.charactersPerLine}`,
    });
  }
  const seconds = cue.toMs === null ? 0 : (cue.toMs - cue.fromMs) / 1000;
  const speed = tenths(lengths.reduce((sum, each) => sum + each, 0) / seconds);
  if (seconds > 0 && speed > profile.charactersPerSecond) {
    problems.push({
      code: 'cue_fast',
      ...place,
      measured: `${speed}`,
      wanted: `${profile.charactersPerSecond}`,
    });
  }
  return problems;
}

function checkOrder(cues: readonly Cue[]): MediaProblem[] {
  return cues.flatMap((cue, index): MediaProblem[] => {
    const before = cues[index - 1];
    if (!before || cue.fromMs >= before.fromMs) return [];
    return [
      {
        code: 'cue_order',
        ...placeOf(cue),
        measured: clockText(cue.fromMs),
        wanted: clockText(before.fromMs),
      },
    ];
  });
}

/** Compares neighbouring cues. Cues with the same times count as one: two people who speak at once. */
function checkNeighbours(cues: readonly Cue[], framesPerSecond: number): MediaProblem[] {
  const minGap = (cueLimits.gapFrames / framesPerSecond) * 1000;
  const sorted = cues
    .filter((cue): cue is Cue & { toMs: number } => cue.toMs !== null && cue.toMs > cue.fromMs)
    .toSorted((one, other) => one.fromMs - other.fromMs || one.toMs - other.toMs);
  const problems: MediaProblem[] = [];
  let before: (typeof sorted)[number] | null = null;
  for (const cue of sorted) {
    const isSame = before !== null && cue.fromMs === before.fromMs && cue.toMs === before.toMs;
    const gap = before === null || isSame ? Infinity : cue.fromMs - before.toMs;
    if (gap < -toleranceMs) {
      problems.push({
        code: 'cue_overlap',
        ...placeOf(cue),
        measured: secondsText(Math.min(-gap, cue.toMs - cue.fromMs)),
      });
    } else if (gap < minGap - toleranceMs) {
      const measured = secondsText(Math.max(0, gap));
      problems.push({ code: 'cue_gap_short', ...placeOf(cue), measured, wanted: secondsText(minGap) });
    }
    if (before === null || cue.toMs >= before.toMs) before = cue;
  }
  return problems;
}

/** Counts visible characters: a combining accent does not count. */
function charactersIn(line: string, { countsHalfWidth }: TextProfile): number {
  let count = 0;
  for (const letter of line.replace(/[\p{M}\p{Cf}]/gu, '')) {
    count += countsHalfWidth && /[\u0020-\u00ff\uff61-\uffdc]/.test(letter) ? 0.5 : 1;
  }
  return count;
}

function lineOf({ line }: Cue): { line?: number } {
  return line === null ? {} : { line };
}

function placeOf(cue: Cue) {
  const end = cue.toMs !== null && cue.toMs > cue.fromMs ? { toMs: cue.toMs } : {};
  return { ...lineOf(cue), fromMs: cue.fromMs, ...end };
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}

function secondsText(ms: number): string {
  return `${Math.round(ms) / 1000} s`;
}

function clockText(ms: number): string {
  const whole = Math.round(ms);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const rest = String(whole % 1000).padStart(3, '0');
  return `${two(whole / 3_600_000)}:${two((whole / 60_000) % 60)}:${two((whole / 1000) % 60)}.${rest}`;
}
