/** Measures sound: loudness, peaks, silence, clipping and phase. */
import { measureSound } from '../signal/measure.ts';
import { countedProblems, type Stage } from '../stage.ts';

export const signal: Stage = async ({ path, sizeBytes }, io) => {
  if (sizeBytes === 0) return { kind: 'skipped', reason: 'empty_file' };
  const measured = await measureSound(path, io);
  if (measured === null) return { kind: 'skipped', reason: 'not_measured' };
  const { loudness, samplePeak, truePeak, problems } = measured;
  return {
    kind: 'done',
    facts: rounded({
      integratedLufs: loudness.integrated,
      loudnessRangeLu: loudness.range,
      maxMomentaryLufs: loudness.maxMomentary,
      maxShortTermLufs: loudness.maxShortTerm,
      truePeakDbtp: truePeak,
      samplePeakDbfs: samplePeak,
    }),
    ...countedProblems(problems),
  };
};

/** To a hundredth. What could not be measured is left out. */
function rounded(values: Record<string, number | null>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      value === null ? [] : [[name, Math.round(value * 100) / 100] as const],
    ),
  );
}
