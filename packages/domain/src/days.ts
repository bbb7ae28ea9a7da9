/** Calendar days in a time zone, and the moments at which they begin. */
import { z } from 'zod';

const notADay = { error: 'Expected a day as 2026-12-31.' };
export const daySchema = z.string().max(10, notADay).refine(isDay, notADay);
export const timeZoneSchema = z
  .string()
  .max(64)
  .refine(isTimeZone, { error: 'Expected a time zone such as Europe/Berlin.' });

export const dayMs = 24 * 3600_000;

/**
 * Returns the first moment of a day in epoch milliseconds. If a clock change skips midnight, that is the moment after
 * the change.
 */
export function startOfDay(day: string, timeZone: string): number {
  const asIfUtc = Date.parse(`${day}T00:00:00Z`);
  // A clock change may show this midnight twice or never, so the offsets of the days around it are tried too.
  const readings = [-dayMs, 0, dayMs].map((around) => asIfUtc - offsetMs(asIfUtc + around, timeZone));
  const latest = Math.max(...readings);
  return Math.min(latest, ...readings.filter((at) => dayAt(at, timeZone) >= day));
}

/**
 * Returns `HH:MM` on a day in epoch milliseconds. A time that occurs twice because of a clock change counts as its
 * first occurrence; a skipped time counts as later by the length of the change.
 */
export function momentAt(day: string, time: string, timeZone: string): number {
  const asIfUtc = Date.parse(`${day}T${time}:00Z`);
  const readings = [-dayMs, 0, dayMs].map((around) => asIfUtc - offsetMs(asIfUtc + around, timeZone));
  const shown = readings.filter((at) => at + offsetMs(at, timeZone) === asIfUtc);
  return shown.length > 0 ? Math.min(...shown) : Math.max(...readings);
}

/** Returns the day of a moment. */
export function dayAt(at: number, timeZone: string): string {
  return new Date(at + offsetMs(at, timeZone)).toISOString().slice(0, 10);
}

/** Adds days to a day; a negative number goes back. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10);
}

/** A period with a constant UTC offset: from `from` on, local time is ahead of UTC by `offsetMs`. */
export type ClockSpan = { from: number; offsetMs: number };

/**
 * Returns the UTC offsets of a time zone between two moments, in order; the first one holds from `start` on. Finds each
 * clock change that lasts at least two weeks.
 */
export function clockSpans(start: number, end: number, timeZone: string): ClockSpan[] {
  const spans: ClockSpan[] = [{ from: start, offsetMs: offsetMs(start, timeZone) }];
  for (let at = start; at < end;) {
    const next = Math.min(end, at + 14 * dayMs);
    const after = offsetMs(next, timeZone);
    if (after !== spans.at(-1)!.offsetMs)
      spans.push({ from: changeTo(after, at, next, timeZone), offsetMs: after });
    at = next;
  }
  return spans;
}

/**
 * Returns the minute in which the clocks changed to `offset`: the zone has another offset at `from`, and this one at
 * `until`.
 */
function changeTo(offset: number, from: number, until: number, timeZone: string): number {
  let [before, after] = [Math.floor(from / 60_000), Math.ceil(until / 60_000)];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetMs(middle * 60_000, timeZone) === offset) after = middle;
    else before = middle;
  }
  return after * 60_000;
}

/**
 * Formatters by time zone, cached because creating one takes a hundred times as long as using it. There are a few
 * hundred time zones.
 */
const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone);
  if (known) return known;
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  clocks.set(timeZone, clock);
  return clock;
}

function offsetMs(at: number, timeZone: string): number {
  const parts = clockOf(timeZone).formatToParts(at);
  const of = (type: Intl.DateTimeFormatPartTypes) =>
    Number(parts.find((part) => part.type === type)?.value ?? 0);
  const local = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  return local - Math.floor(at / 1000) * 1000;
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
