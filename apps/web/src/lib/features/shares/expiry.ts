/** Until when a share may last: the day one chooses is the first without access. */
import { addDays, dayAt, startOfDay } from '@turnover/domain/days';
import { expiryWarningMs } from '@turnover/domain/workspace/shares';
import { formatDay } from '#lib/format.ts';

/** What the caller can give at most; null for the owner, who can give everything. */
export type ShareLimits = { canShare: boolean; canUpdate: boolean; until: number | null };

export type ExpiryProblem = 'past' | 'beyond';

const localNoon = 'T12:00';

/** The zone whose midnight counts: where the person who shares is. */
export function localTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

export type ExpiryBounds = { now: number; until: number | null; timeZone: string };

/** Why a share cannot end as that day begins, or null when it can. */
export function expiryProblem(day: string, { now, until, timeZone }: ExpiryBounds): ExpiryProblem | null {
  const endsAt = startOfDay(day, timeZone);
  if (endsAt <= now) return 'past';
  return until !== null && endsAt > until ? 'beyond' : null;
}

/** The first and the last day that can be chosen; no last one without a limit. */
export function expiryRange({ now, until, timeZone }: ExpiryBounds): {
  min: string;
  max: string | undefined;
} {
  return {
    min: addDays(dayAt(now, timeZone), 1),
    max: until === null ? undefined : dayAt(until, timeZone),
  };
}

/** Both sides are warned, unless less than that time is left already. */
export function isWarnedBefore(
  day: string,
  { now, timeZone }: Pick<ExpiryBounds, 'now' | 'timeZone'>,
): boolean {
  return startOfDay(day, timeZone) - now > expiryWarningMs;
}

export function lastDayBefore(day: string): string {
  return addDays(day, -1);
}

/** A week more than now, or than today when it has ended already. */
export function aWeekLater(day: string, { now, timeZone }: Pick<ExpiryBounds, 'now' | 'timeZone'>): string {
  const today = dayAt(now, timeZone);
  return addDays(day > today ? day : today, 7);
}

/** 30 Nov, with the year when it is another one: a day of the calendar, wherever one reads it. */
export function formatCalendarDay(day: string, now: number): string {
  return formatDay(new Date(day + localNoon).getTime(), now);
}
