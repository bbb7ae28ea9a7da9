/** Decides whether a clock is trusted: it may not be far from the latest trusted time. */
import { z } from 'zod';
import { dayMs } from '../days.ts';

/** Shorter than any age at which something is deleted. */
export const defaultClockAheadMs = 7 * dayMs;
export const defaultClockBehindMs = dayMs;

export const clockVerdicts = ['right', 'ahead', 'behind'] as const;
export type ClockVerdict = (typeof clockVerdicts)[number];

/** `believedAt` is the latest trusted time. Null when none is known, so that any clock is right. */
export function checkClock(
  now: number,
  believedAt: number | null,
  limits: { aheadMs: number; behindMs: number },
): ClockVerdict {
  if (believedAt === null) return 'right';
  if (now - believedAt > limits.aheadMs) return 'ahead';
  return believedAt - now > limits.behindMs ? 'behind' : 'right';
}

/** What owners see of the clock. */
export const clockView = z.object({
  verdict: z.enum(clockVerdicts),
  /** What the clock says. */
  now: z.number(),
  /** The latest time that was trusted. */
  believedAt: z.number().nullable(),
});
export type ClockView = z.infer<typeof clockView>;

/** `now` is the time that the person saw, so that a clock that jumps meanwhile is not confirmed. */
export const confirmClockInput = z.object({ now: z.number() });
/** A confirmed time may be at most this old. */
export const confirmWithinMs = 10 * 60_000;
