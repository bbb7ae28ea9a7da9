/** Parses rates such as `20MB`, and rates by hours such as `mon-fri 08:00-18:00 20MB, 100MB`. */

type Span = { days: number[]; fromMinute: number; toMinute: number; bytesPerSecond: number };
export type Schedule = { spans: Span[]; otherwise: number | null };

const units: Record<string, number> = { kb: 1e3, mb: 1e6, gb: 1e9 };
const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
/** Slower, the bytes of one read would take longer than proxies wait. */
const slowestRate = 100_000;
const maxSpans = 20;

const spanPattern = new RegExp(
  `^(?:(${dayNames.join('|')})(?:-(${dayNames.join('|')}))? )?(\\d\\d):(\\d\\d)-(\\d\\d):(\\d\\d) (\\S+)$`,
);

/** Returns bytes per second; null for anything that is not a rate. */
export function parseRate(text: string): number | null {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(kb|mb|gb)(?:\/s)?$/i.exec(text) ?? [];
  return unit === undefined ? null : Math.round(Number(number) * units[unit.toLowerCase()]!);
}

/** Returns null for anything that is not a schedule. The rate of all other hours comes last. */
export function parseSchedule(text: string): Schedule | null {
  const parts = text
    .toLowerCase()
    .split(',')
    .map((part) => part.trim().replaceAll(/\s+/g, ' '));
  const otherwise = usable(parseRate(parts.at(-1)!));
  const spans = (otherwise === null ? parts : parts.slice(0, -1)).map(parseSpan);
  const known = spans.filter((span) => span !== null);
  return known.length < spans.length || known.length > maxSpans ? null : { spans: known, otherwise };
}

function parseSpan(text: string): Span | null {
  const [, firstDay, lastDay, ...rest] = spanPattern.exec(text) ?? [];
  const [fromHour, fromMinutes, toHour, toMinutes, rate] = rest;
  const fromMinute = minuteOf(fromHour, fromMinutes);
  const toMinute = minuteOf(toHour, toMinutes);
  const bytesPerSecond = usable(parseRate(rate ?? ''));
  if (fromMinute === null || toMinute === null || bytesPerSecond === null) return null;
  if (fromMinute === toMinute || fromMinute === 24 * 60) return null;
  return { days: daysOf(firstDay, lastDay), fromMinute, toMinute, bytesPerSecond };
}

function usable(rate: number | null): number | null {
  return rate !== null && rate >= slowestRate && Number.isSafeInteger(rate) ? rate : null;
}

/** Midnight is 00:00 or, as an end, 24:00. */
function minuteOf(hours = '', minutes = ''): number | null {
  const minute = Number(hours || Number.NaN) * 60 + Number(minutes);
  return Number(minutes) < 60 && minute <= 24 * 60 ? minute : null;
}

/** All days when none is named. `sat-mon` goes on over the end of the week. */
function daysOf(first: string | undefined, last = first): number[] {
  if (first === undefined) return [0, 1, 2, 3, 4, 5, 6];
  const from = dayNames.indexOf(first);
  const count = ((dayNames.indexOf(last!) - from + 7) % 7) + 1;
  return Array.from({ length: count }, (_, index) => (from + index) % 7);
}
