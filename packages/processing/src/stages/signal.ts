/** Measures sound and picture: WAVE with our own meters, every other format with ffmpeg if it is installed. */
import { isSeenOrHeard } from '@turnover/domain/media/media-report';
import { limitsFor } from '@turnover/domain/media/signal-limits';
import type { StageInput, StageReturn } from '@turnover/domain/media/stages';
import { formats } from '../inspect/formats.ts';
import { formatOf } from '../inspect/sniff.ts';
import { findFfmpeg, hasDemuxer, type Ffmpeg } from '../preview/ffmpeg.ts';
import { measureByFfmpeg, type MeasuredSound } from '../signal/by-ffmpeg.ts';
import { measureSound, type Measurement } from '../signal/measure.ts';
import { countedProblems, type Stage, type StageIo } from '../stage.ts';

export const signal: Stage = (input, io) => measure(input, io, findFfmpeg());

/** Measures a file. `ffmpeg` is null when it is not installed. */
export async function measure(
  { path, sizeBytes, report, limits: asked }: StageInput,
  io: StageIo,
  ffmpeg: Ffmpeg | null,
): Promise<StageReturn> {
  if (sizeBytes === 0) return { kind: 'skipped', reason: 'empty_file' };
  const limits = limitsFor(asked);
  const measured = await measureSound(path, io, limits);
  if (measured)
    return {
      kind: 'done',
      facts: factsOf(measured),
      ...countedProblems(measured.problems),
    };
  const format = formatOf(path);
  const isMedia = format !== null && ['movie', 'sound'].includes(formats[format].family);
  if (!isMedia || !hasDemuxer(format)) return { kind: 'skipped', reason: 'not_measured' };
  // Inspection reports a file that it cannot read, so this stage skips it.
  if (report === null) return { kind: 'skipped', reason: 'not_inspected' };
  if (!isSeenOrHeard(report)) return { kind: 'skipped', reason: 'not_measured' };
  if (ffmpeg === null) return { kind: 'skipped', reason: 'measuring_needs_ffmpeg' };
  const found = await measureByFfmpeg({ path, format, report, limits }, io);
  if ('reason' in found) {
    const { reason } = found;
    return { kind: 'skipped', reason: reason === 'preview_too_slow' ? 'measuring_too_slow' : reason };
  }
  if ('said' in found) return { kind: 'skipped', reason: 'not_decoded' };
  return {
    kind: 'done',
    facts: {
      ...(found.sound && { ...factsOf(found.sound), ...tracksOf(found.sound) }),
      ffmpeg: ffmpeg.version,
    },
    ...countedProblems(found.problems),
  };
}

function factsOf({ loudness, samplePeak, truePeak }: Omit<Measurement, 'problems'>): Record<string, number> {
  return rounded({
    integratedLufs: loudness.integrated,
    loudnessRangeLu: loudness.range,
    maxMomentaryLufs: loudness.maxMomentary,
    maxShortTermLufs: loudness.maxShortTerm,
    truePeakDbtp: truePeak,
    samplePeakDbfs: samplePeak,
  });
}

function tracksOf({ tracks, measuredTracks }: MeasuredSound): Record<string, number> {
  return { soundTracks: tracks, soundTracksMeasured: measuredTracks };
}

/** Rounds to a hundredth, and leaves out values that could not be measured. */
function rounded(values: Record<string, number | null>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      value === null ? [] : [[name, Math.round(value * 100) / 100] as const],
    ),
  );
}
