/** Formats sizes, durations, speeds and times for people, in the current language. */
import { getLocale, type Locale } from '@turnover/messages/locale';
import * as m from '@turnover/messages/messages';

/** Locales of the formatters. Both put the day first and use 24 hours, as is usual in the industry. */
const intlLocales: Record<Locale, string> = { en: 'en-GB', 'es-419': 'es-419' };

export function formatNumber(value: number, options?: Intl.NumberFormatOptions): string {
  return cached(numberFormats, options, (locale) => new Intl.NumberFormat(locale, options)).format(value);
}

export function formatPercent(fraction: number): string {
  return `${formatNumber(Math.floor(Math.min(1, Math.max(0, fraction)) * 100))} %`;
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Formats a size in decimal units, as on the labels of disks: 184 kB, 68.4 GB. */
export function formatBytes(bytes: number): string {
  const { value, unit } = inUnits(bytes);
  const digits = value < 99.95 && unit !== 'B' && unit !== 'kB' ? 1 : 0;
  return `${formatNumber(value, { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${unit}`;
}

function inUnits(bytes: number) {
  let value = bytes;
  let unit = 0;
  // Prevents 999.95 MB from becoming "1000.0 MB".
  while (unit < byteUnits.length - 1 && value >= (unit < 1 ? 1000 : 999.5)) {
    value /= 1000;
    unit += 1;
  }
  return { value, unit: byteUnits[unit]! };
}

/** Returns "1.2 GB of 3.4 GB", or a text when the remainder is too small to show. */
export function formatBytesOf(done: number, all: number): string {
  const total = formatBytes(all);
  return done < all && formatBytes(done) === total
    ? m.uploads_bytes_almost({ total })
    : m.uploads_bytes_of({ done: formatBytes(done), total });
}

export function formatSpeed(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}

/** Formats a speed that somebody set: 20 MB/s, 2.5 MB/s. */
export function formatRate(bytesPerSecond: number): string {
  const { value, unit } = inUnits(bytesPerSecond);
  return `${formatNumber(value, { maximumFractionDigits: 1 })} ${unit}/s`;
}

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Formats a duration in its two largest units: 45 s, 2 min 05 s, 3 h 05 min, 2 d 4 h. */
export function formatDuration(durationMs: number): string {
  const seconds = Math.round(durationMs / secondMs);
  if (seconds < 1) return m.time_less_than_a_second();
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Formats a duration in one unit, to be read at a glance: 40 min, 29 h, 3 days. */
export function formatSpan(spanMs: number): string {
  const minutes = Math.floor(spanMs / minuteMs);
  if (minutes < 60) return m.span_minutes({ minutes: Math.max(1, minutes) });
  const hours = Math.floor(spanMs / hourMs);
  return hours < 48 ? m.span_hours({ hours }) : formatDays(spanMs);
}

/** Returns "2 days", also for a day and a half. */
export function formatDays(spanMs: number): string {
  return m.span_days({ count: Math.round(spanMs / dayMs) });
}

export function formatTime(at: number): string {
  return formatDate(at, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}

/** Returns 27 Nov, with the year when it differs. */
export function formatDay(at: number, now: number): string {
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return formatDate(at, { day: 'numeric', month: 'short', year: sameYear ? undefined : 'numeric' });
}

/** Returns the last day of something that ends at this moment; with the time when it ends within the day. */
export function formatLastDay(end: number, now: number): string {
  const day = formatDay(end - 1, now);
  const [hours, minutes] = [new Date(end).getHours(), new Date(end).getMinutes()];
  return hours === 0 && minutes === 0 ? day : m.time_day_until({ day, time: formatTime(end) });
}

/** Returns "Fri 27 Nov, 18:00", for due and promised dates. */
export function formatDue(at: number, now: number): string {
  return `${weekday(at)} ${formatDay(at, now)}, ${formatTime(at)}`;
}

/** Returns 18:00 for today, otherwise "Fri 27 Nov, 18:00". */
export function formatEnd(at: number, now: number): string {
  return daysBetween(at, now) === 0 ? formatTime(at) : formatDue(at, now);
}

/** Returns "Thursday 26 November, 14:31". */
export function formatToday(now: number): string {
  const day = formatDate(now, { weekday: 'long', day: 'numeric', month: 'long' });
  return `${day}, ${formatTime(now)}`;
}

/** Returns "Tomorrow 18:00" for the days around today, otherwise the same as `formatDue`. */
export function formatDueNear(at: number, now: number): string {
  return Math.abs(daysBetween(at, now)) <= 1 && at - now > 0 ? formatMoment(at, now) : formatDue(at, now);
}

/** Formats a moment, relative if possible: just now, Today 09:12, Yesterday 16:20, Mon 16:20, 13 Nov, 12 May 2027. */
export function formatMoment(at: number, now: number): string {
  if (at <= now && now - at < minuteMs) return m.time_just_now();
  const days = daysBetween(at, now);
  const time = formatTime(at);
  if (days === 0) return m.time_today({ time });
  if (days === -1) return m.time_yesterday({ time });
  if (days === 1) return m.time_tomorrow({ time });
  if (Math.abs(days) < 7) return `${weekday(at)} ${time}`;
  return formatDay(at, now);
}

/** Formats an estimated moment; one that has passed or is imminent is "any moment". */
export function formatExpected(at: number, now: number): string {
  return at - now < minuteMs ? m.time_any_moment() : formatMoment(at, now);
}

/** Returns "30 Nov, 09:12:07", for lines of a log. */
export function formatWithSeconds(at: number): string {
  return formatDate(at, {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
}

/** Returns the full date and time, for titles. */
export function formatFully(at: number): string {
  return formatDate(at, { dateStyle: 'full', timeStyle: 'medium', hourCycle: 'h23' });
}

/** Returns the full date and time with its zone, for paper that people in other zones read. */
export function formatOnPaper(at: number): string {
  return formatDate(at, { dateStyle: 'full', timeStyle: 'long', hourCycle: 'h23' });
}

function weekday(at: number): string {
  return formatDate(at, { weekday: 'short' });
}

/**
 * Returns the number of calendar days in the reader's zone. Counts from noon to noon, so that a clock change does not
 * matter.
 */
function daysBetween(at: number, now: number): number {
  const noon = (moment: number) => new Date(moment).setHours(12, 0, 0, 0);
  return Math.round((noon(at) - noon(now)) / dayMs);
}

function formatDate(at: number, options: Intl.DateTimeFormatOptions): string {
  return cached(dateFormats, options, (locale) => new Intl.DateTimeFormat(locale, options)).format(at);
}

const numberFormats = new Map<string, Intl.NumberFormat>();
const dateFormats = new Map<string, Intl.DateTimeFormat>();

/** Caches formatters: creating one costs a hundred times as much as using it, and a table uses one per row. */
function cached<Format>(
  formats: Map<string, Format>,
  options: object | undefined,
  make: (locale: string) => Format,
) {
  const locale = intlLocales[getLocale()];
  const key = locale + JSON.stringify(options);
  let format = formats.get(key);
  if (!format) formats.set(key, (format = make(locale)));
  return format;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
