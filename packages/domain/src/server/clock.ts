/** Decides whether the system clock is trusted: it may not differ too much from the latest trusted time. */
import { z } from 'zod';
import { dayMs } from '../days.ts';

/** Shorter than any age at which data is deleted. */
export const defaultClockAheadMs = 7 * dayMs;
export const defaultClockBehindMs = dayMs;

export const clockVerdicts = ['right', 'ahead', 'behind'] as const;
export type ClockVerdict = (typeof clockVerdicts)[number];

/** Checks the clock. `believedAt` is the latest trusted time; when it is null, any clock is accepted. */
export function checkClock(
  now: number,
  believedAt: number | null,
  limits: { aheadMs: number; behindMs: number },
): ClockVerdict {
  if (believedAt === null) return 'right';
  if (now - believedAt > limits.aheadMs) return 'ahead';
  return believedAt - now > limits.behindMs ? 'behind' : 'right';
}

/** The state of the clock, for owners. */
export const clockView = z.object({
  verdict: z.enum(clockVerdicts),
  /** The present time of the clock. */
  now: z.number(),
  /** The latest time that was trusted. */
  believedAt: z.number().nullable(),
});
export type ClockView = z.infer<typeof clockView>;

/** `now` is the time that the person saw, so that the call does not confirm a clock that has jumped since. */
export const confirmClockInput = z.object({ now: z.number() });
/** A confirmed time may be at most this old. */
export const confirmWithinMs = 10 * 60_000;
