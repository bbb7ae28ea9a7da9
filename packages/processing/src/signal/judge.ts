/** Judges what was measured by the limits that the request's type names, or those of the hub. */
import type { MediaProblem } from '@turnover/domain/media/media-problems';
import type { HeldLimits } from '@turnover/domain/media/signal-limits';

/** For a passage that lasts too long. */
export function lasting(seconds: number, limit: number): Pick<MediaProblem, 'measured' | 'wanted'> {
  return { measured: `${seconds.toFixed(1)} s`, wanted: `at most ${limit} s` };
}

/** `track`: left out for a file that is one sound, here and below. Levels are compared as they are shown. */
export function peakProblems(
  truePeak: number | null,
  { truePeakDbtp: limit }: HeldLimits,
  track?: number,
): MediaProblem[] {
  if (truePeak === null || toTenth(truePeak) <= limit) return [];
  const levels = { measured: `${truePeak.toFixed(1)} dBTP`, wanted: `${limit} dBTP` };
  return [{ code: 'true_peak_high', ...ofTrack(track), ...levels }];
}

/** The loudness of the whole programme: nobody here can tell dialogue from the rest. */
export function loudnessProblems(
  integrated: number | null,
  { minLoudnessLufs: min, maxLoudnessLufs: max }: HeldLimits,
  track?: number,
): MediaProblem[] {
  if (integrated === null) return [];
  const level = toTenth(integrated);
  const isLow = min !== null && level < min;
  if (!isLow && (max === null || level <= max)) return [];
  const wanted = isLow ? `at least ${min} LUFS` : `at most ${max} LUFS`;
  const levels = { measured: `${integrated.toFixed(1)} LUFS`, wanted };
  return [{ code: 'loudness_unwanted', ...ofTrack(track), ...levels }];
}

function ofTrack(track: number | undefined) {
  return track === undefined ? {} : { track };
}

function toTenth(level: number): number {
  return Math.round(level * 10) / 10;
}
