/** What a request type tolerates in picture and sound. Where it names no limit, that of the hub holds. */
import { z } from 'zod';

/** What each limit may be, and its unit. */
export const limitRanges = {
  blackSeconds: { min: 0.1, max: 3600, unit: 's' },
  freezeSeconds: { min: 0.1, max: 3600, unit: 's' },
  silenceSeconds: { min: 0.1, max: 3600, unit: 's' },
  truePeakDbtp: { min: -60, max: 20, unit: 'dBTP' },
  minLoudnessLufs: { min: -70, max: 0, unit: 'LUFS' },
  maxLoudnessLufs: { min: -70, max: 0, unit: 'LUFS' },
} as const;
export type LimitName = keyof typeof limitRanges;
export const limitNames = Object.keys(limitRanges) as LimitName[];

/** Pages check a limit with this, because the schema would bring its library along. Null is no limit. */
export function isLimit(name: LimitName, value: number | null): boolean {
  const { min, max } = limitRanges[name];
  return value === null || (value >= min && value <= max);
}

/** True unless the lowest loudness is above the highest. */
export function isInOrder({
  minLoudnessLufs: min,
  maxLoudnessLufs: max,
}: Record<'minLoudnessLufs' | 'maxLoudnessLufs', number | null>): boolean {
  return min === null || max === null || min <= max;
}

const limit = ({ min, max }: { min: number; max: number }) =>
  z.number().min(min).max(max).nullable().default(null);

/** Passages of black, of a still picture and of silence may last so long; loudness is that of the programme (BS.1770). */
export const signalLimits = z
  .object({
    blackSeconds: limit(limitRanges.blackSeconds),
    freezeSeconds: limit(limitRanges.freezeSeconds),
    silenceSeconds: limit(limitRanges.silenceSeconds),
    truePeakDbtp: limit(limitRanges.truePeakDbtp),
    minLoudnessLufs: limit(limitRanges.minLoudnessLufs),
    maxLoudnessLufs: limit(limitRanges.maxLoudnessLufs),
  })
  .refine(isInOrder, {
    error: 'The lowest loudness is above the highest.',
    path: ['maxLoudnessLufs'],
  });
export type SignalLimits = z.infer<typeof signalLimits>;

export const noLimits = Object.fromEntries(limitNames.map((name) => [name, null])) as SignalLimits;

type Named = 'blackSeconds' | 'freezeSeconds' | 'silenceSeconds' | 'truePeakDbtp';
export type HeldLimits = Record<Named, number> & Record<Exclude<LimitName, Named>, number | null>;

/** As the trade asks about them. Nobody knows what loudness is wanted. */
const hubLimits: HeldLimits = {
  blackSeconds: 2,
  freezeSeconds: 2,
  silenceSeconds: 5,
  truePeakDbtp: 0,
  minLoudnessLufs: null,
  maxLoudnessLufs: null,
};

/** `asked`: null for a file whose request has no type. */
export function limitsFor(asked: SignalLimits | null): HeldLimits {
  const named = Object.entries(asked ?? {}).filter(([, value]) => value !== null);
  return { ...hubLimits, ...(Object.fromEntries(named) as Partial<HeldLimits>) };
}

export function limitText(name: LimitName, value: number): string {
  return `${value} ${limitRanges[name].unit}`;
}
