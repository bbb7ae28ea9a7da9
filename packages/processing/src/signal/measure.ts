/** Measures the sound of a WAVE file in one pass: loudness, peaks, silence, clipping and phase. */
import type { MediaProblem } from '@turnover/domain/media/media-problems';
import type { StageIo } from '../stage.ts';
import { faultFinder } from './faults.ts';
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
export async function measureSound(path: string, io: StageIo): Promise<Measurement | null> {
  let meters: ReturnType<typeof metersFor> | undefined;
  await readSound(path, io, (sound) => {
    const { loudness, peaks, faults } = (meters = metersFor(sound));
    return (channels, frames) => {
      loudness.feed(channels, frames);
      peaks.feed(channels, frames);
      faults.feed(channels, frames);
    };
  });
  if (!meters) return null;
  const { sample, real } = meters.peaks.result();
  const problems = meters.faults.result();
  const truePeak = decibels(real);
  if (truePeak !== null && truePeak > 0) {
    problems.unshift({ code: 'true_peak_high', measured: `${truePeak.toFixed(1)} dBTP`, wanted: '0 dBTP' });
  }
  return { loudness: meters.loudness.result(), samplePeak: decibels(sample), truePeak, problems };
}

function metersFor({ channels, sampleRate }: Sound) {
  return {
    loudness: loudnessMeter(channels, sampleRate),
    peaks: peakMeter(channels),
    faults: faultFinder(channels, sampleRate),
  };
}

function decibels(amplitude: number): number | null {
  return amplitude > 0 ? 20 * Math.log10(amplitude) : null;
}
