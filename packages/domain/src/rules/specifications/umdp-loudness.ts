/** The loudness that a UMDP profile asks for, as limits of a type. */
import { z } from 'zod';
import { isInOrder, isLimit, type SignalLimits } from '../../media/signal-limits.ts';

const profileLoudness = z.looseObject({
  standards: z.array(z.unknown()).optional(),
  true_peak_max: z.unknown().optional(),
});
const standard = z.looseObject({ name: z.string(), target: z.number(), tolerance: z.number() });
/** Standards of programme loudness, which the hub measures. Others, such as ATSC A/85, may mean that of dialogue. */
const ofProgramme = /^(?:ebu[ -])?r[ -]?128\b|^(?:itu(?:-r)?[ -])?bs[ .]?1770\b/i;
const ownName = 'ITU-R BS.1770';
const place = 'assets.audio.loudness';

type Found = {
  limits: Partial<SignalLimits>;
  /** The places in the profile that the limits cover. */
  checked: string[];
};

export function readLoudness(written: unknown): Found {
  const { standards = [], true_peak_max: truePeak } = profileLoudness.safeParse(written).data ?? {};
  const { limits, checked } = readStandards(standards);
  if (typeof truePeak !== 'number' || !isLimit('truePeakDbtp', truePeak)) return { limits, checked };
  return {
    limits: { ...limits, truePeakDbtp: truePeak },
    checked: [...checked, `${place}.true_peak_max`],
  };
}

/** Of several standards, only people know which one holds. */
function readStandards(standards: readonly unknown[]): Found {
  const nothing: Found = { limits: {}, checked: [] };
  const only = standard.safeParse(standards[0]).data;
  if (standards.length !== 1 || !only || !ofProgramme.test(only.name)) return nothing;
  const limits = {
    minLoudnessLufs: rounded(only.target - only.tolerance),
    maxLoudnessLufs: rounded(only.target + only.tolerance),
  };
  const { minLoudnessLufs: min, maxLoudnessLufs: max } = limits;
  if (!isLimit('minLoudnessLufs', min) || !isLimit('maxLoudnessLufs', max) || !isInOrder(limits))
    return nothing;
  // The name may ask for more than these limits, unless it is the one that we write.
  const keys = ['target', 'tolerance', ...(only.name === ownName ? ['name'] : [])];
  return { limits, checked: keys.map((key) => `${place}.standards.0.${key}`) };
}

/** Returns what a profile says about the limits; null when it can say nothing. */
export function writeLoudness(limits: SignalLimits): Record<string, unknown> | null {
  const { minLoudnessLufs: min, maxLoudnessLufs: max, truePeakDbtp } = limits;
  const isRange = min !== null && max !== null;
  if (!isRange && truePeakDbtp === null) return null;
  const programme = isRange && {
    name: ownName,
    target: rounded((min + max) / 2),
    tolerance: rounded((max - min) / 2),
  };
  return {
    ...(programme && { standards: [programme] }),
    ...(truePeakDbtp !== null && { true_peak_max: truePeakDbtp }),
  };
}

/** Sums of decimals have an error behind the places that anybody writes. */
function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
