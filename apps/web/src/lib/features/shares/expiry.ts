/** The end of a share. The chosen day is the first one without access. */
import { addDays, dayAt, startOfDay } from '@turnover/domain/days';
import { expiryWarningMs } from '@turnover/domain/workspace/shares';
import { formatDay } from '#lib/format.ts';

/** The most that the caller can grant; null for the owner, who can grant everything. */
export type ShareLimits = { canShare: boolean; canUpdate: boolean; until: number | null };

export type ExpiryProblem = 'past' | 'beyond';

const localNoon = 'T12:00';

/** The time zone of the sharer, whose midnight counts. */
export function localTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

export type ExpiryBounds = { now: number; until: number | null; timeZone: string };

/** Returns why a share cannot end at the start of this day; null when it can. */
export function expiryProblem(day: string, { now, until, timeZone }: ExpiryBounds): ExpiryProblem | null {
  const endsAt = startOfDay(day, timeZone);
  if (endsAt <= now) return 'past';
  return until !== null && endsAt > until ? 'beyond' : null;
}

/** Returns the first and last selectable day; there is no last one without a limit. */
export function expiryRange({ now, until, timeZone }: ExpiryBounds): {
  min: string;
  max: string | undefined;
} {
  return {
    min: addDays(dayAt(now, timeZone), 1),
    max: until === null ? undefined : dayAt(until, timeZone),
  };
}

/** Returns true when both sides get a warning, which requires an end that is later than the warning's lead time. */
export function isWarnedBefore(
  day: string,
  { now, timeZone }: Pick<ExpiryBounds, 'now' | 'timeZone'>,
): boolean {
  return startOfDay(day, timeZone) - now > expiryWarningMs;
}

export function lastDayBefore(day: string): string {
  return addDays(day, -1);
}

/** Returns the day a week after the end, or after today when the end has passed. */
export function aWeekLater(day: string, { now, timeZone }: Pick<ExpiryBounds, 'now' | 'timeZone'>): string {
  const today = dayAt(now, timeZone);
  return addDays(day > today ? day : today, 7);
}

/** Formats a calendar day as 30 Nov, with the year when it differs; independent of the reader's time zone. */
export function formatCalendarDay(day: string, now: number): string {
  return formatDay(new Date(day + localNoon).getTime(), now);
}
