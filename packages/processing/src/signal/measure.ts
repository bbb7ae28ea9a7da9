/** Measures the sound of a WAVE file in one pass: loudness, peaks, silence, clipping and phase. */
import type { MediaProblem } from '@turnover/domain/media/media-problems';
import type { HeldLimits } from '@turnover/domain/media/signal-limits';
import type { StageIo } from '../stage.ts';
import { faultFinder } from './faults.ts';
import { loudnessProblems, peakProblems } from './judge.ts';
import { loudnessMeter, type Loudness } from './loudness.ts';
import { peakMeter } from './peaks.ts';
import { readSound, type Sound } from './wave-sound.ts';

export type Measurement = {
  loudness: Loudness;
  /** Peaks in dBFS and dBTP; null for digital silence. */
  samplePeak: number | null;
  truePeak: number | null;
  problems: MediaProblem[];
};

/** Returns null unless the file is a WAVE file with PCM sound. */
export async function measureSound(
  path: string,
  io: StageIo,
  limits: HeldLimits,
): Promise<Measurement | null> {
  let meters: ReturnType<typeof metersFor> | undefined;
  await readSound(path, io, (sound) => {
    const { loudness, peaks, faults } = (meters = metersFor(sound, limits));
    return (channels, frames) => {
      loudness.feed(channels, frames);
      peaks.feed(channels, frames);
      faults.feed(channels, frames);
    };
  });
  if (!meters) return null;
  const { sample, real } = meters.peaks.result();
  const truePeak = decibels(real);
  const loudness = meters.loudness.result();
  const problems = [
    ...loudnessProblems(loudness.integrated, limits),
    ...peakProblems(truePeak, limits),
    ...meters.faults.result(),
  ];
  return { loudness, samplePeak: decibels(sample), truePeak, problems };
}

function metersFor({ channels, layout, sampleRate }: Sound, { silenceSeconds }: HeldLimits) {
  return {
    loudness: loudnessMeter({ channels, layout }, sampleRate),
    peaks: peakMeter(channels),
    faults: faultFinder(channels, sampleRate, silenceSeconds),
  };
}

function decibels(amplitude: number): number | null {
  return amplitude > 0 ? 20 * Math.log10(amplitude) : null;
}
