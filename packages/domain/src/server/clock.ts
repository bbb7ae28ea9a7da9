/** When a clock is believed: it may not be far from the latest moment at which it was believed. */
import { z } from 'zod';
import { dayMs } from '../days.ts';

/** Shorter than any time after which something is deleted. */
export const defaultClockAheadMs = 7 * dayMs;
export const defaultClockBehindMs = dayMs;

export const clockVerdicts = ['right', 'ahead', 'behind'] as const;
export type ClockVerdict = (typeof clockVerdicts)[number];

/** `believedAt` null: nothing is known yet, so that nothing speaks against the clock. */
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
  /** The latest moment at which it was believed. */
  believedAt: z.number().nullable(),
});
export type ClockView = z.infer<typeof clockView>;

/** `now`: the time that the person saw and says is right, so that a clock that jumps meanwhile is not confirmed. */
export const confirmClockInput = z.object({ now: z.number() });
/** How old the time may be that is confirmed. */
export const confirmWithinMs = 10 * 60_000;
