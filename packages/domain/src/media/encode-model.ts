/**
 * A deterministic model of an encode queue: how long a file takes and when its slot is free. The constants come from a
 * public report: 2.5 h for 3 h of material, of which inspection took 0.17 and encoding 0.83 of the run time. Reads no
 * clock and no random numbers, so the same input gives the same plan on every machine.
 */
import type { MediaKind } from './media-kinds.ts';

export const lanes = ['heavy', 'light'] as const;
export type Lane = (typeof lanes)[number];

/**
 * The number of encode slots of each lane. Each lane is first come, first served; two lanes exist so that a subtitle
 * does not wait four hours behind an image sequence.
 */
export const slotsPerLane: Record<Lane, number> = { heavy: 2, light: 2 };

type Profile = {
  lane: Lane;
  /** Bytes per second of typical material; null for material that has no run time. */
  bytesPerSecond: number | null;
  /** Encoding time as a share of the run time, on one slot. */
  perRunTime: number;
  /** Seconds per file, whatever its length. */
  perFile: number;
};

const profiles: Record<MediaKind, Profile> = {
  picture: { lane: 'heavy', bytesPerSecond: 22e6, perRunTime: 0.83, perFile: 1 },
  locked_cut: { lane: 'heavy', bytesPerSecond: 22e6, perRunTime: 0.4, perFile: 1 },
  frame: { lane: 'heavy', bytesPerSecond: null, perRunTime: 0, perFile: 0.05 },
  audio: { lane: 'light', bytesPerSecond: 0.864e6, perRunTime: 0.03, perFile: 1 },
  timed_text: { lane: 'light', bytesPerSecond: null, perRunTime: 0, perFile: 2 },
  image: { lane: 'light', bytesPerSecond: null, perRunTime: 0, perFile: 1 },
  manifest: { lane: 'light', bytesPerSecond: null, perRunTime: 0, perFile: 0.5 },
  document: { lane: 'light', bytesPerSecond: null, perRunTime: 0, perFile: 0.5 },
  other: { lane: 'light', bytesPerSecond: null, perRunTime: 0, perFile: 0.5 },
};

const jitter = 0.15;
const shortestMs = 250;

export type EncodeTask = { mediaKind: MediaKind; sizeBytes: number; seed: string };

export type EncodePlan = { lane: Lane; slot: number; startAt: number; endAt: number };

export function laneOf(mediaKind: MediaKind): Lane {
  return profiles[mediaKind].lane;
}

/** Estimates the run time in seconds from the size; 0 for material that has no run time. */
export function estimatedRunSeconds({
  mediaKind,
  sizeBytes,
}: Pick<EncodeTask, 'mediaKind' | 'sizeBytes'>): number {
  const rate = profiles[mediaKind].bytesPerSecond;
  return rate === null ? 0 : sizeBytes / rate;
}

/**
 * Returns the encoding time in milliseconds on one slot, divided by `speed`; speed 1 is a real facility. Several files
 * become one package.
 */
export function encodeMs(tasks: readonly EncodeTask[], speed: number): number {
  let seconds = 0;
  for (const [index, task] of tasks.entries()) {
    const profile = profiles[task.mediaKind];
    const random = randomFrom(task.seed);
    const wobble = () => 1 + jitter * (2 * random() - 1);
    const run = estimatedRunSeconds(task);
    const encode = (profile.perFile + profile.perRunTime * run) * wobble();
    const packaging = ((index === 0 ? 2 : 0) + 0.002 * run) * wobble();
    seconds += encode + packaging;
  }
  return Math.round(Math.max(shortestMs, (seconds * 1000) / speed));
}

/**
 * Plans files of one kind, which are encoded together, into the first free slot of their lane. `freeAt` holds the epoch
 * milliseconds at which each slot is next free.
 */
export function planEncode(
  tasks: readonly [EncodeTask, ...EncodeTask[]],
  now: number,
  freeAt: readonly number[],
  speed: number,
): EncodePlan {
  const slot = freeAt.indexOf(Math.min(...freeAt));
  const startAt = Math.max(now, freeAt[slot] ?? now);
  return { lane: laneOf(tasks[0].mediaKind), slot, startAt, endAt: startAt + encodeMs(tasks, speed) };
}

/** Returns a generator of numbers in [0, 1): mulberry32, seeded with the FNV-1a hash of the text. */
function randomFrom(seed: string): () => number {
  let state = 2166136261;
  for (const character of seed) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 16777619);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
