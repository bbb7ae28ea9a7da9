/** Parses dates as people and spreadsheets write them, in English and Spanish. Accepts every unambiguous form. */

export type DateOrder = 'day_first' | 'month_first';
export const dateOrders: readonly DateOrder[] = ['day_first', 'month_first'];

/**
 * The day and time that were read. `time` (`HH:MM:SS`) is in the reader's time zone; when the text has an offset, `at`
 * is the moment instead. `order` is the order of day and month that the numbers prove, to read other dates of the list.
 * `serial`: the text was a spreadsheet's day number.
 */
export type ReadDate = {
  day: string;
  time: string | null;
  at: number | null;
  order: DateOrder | null;
  serial: boolean;
};

export const dateProblems = [
  'unknown',
  /** The order of day and month is unknown. */
  'ambiguous',
  /** The day is not in the calendar. */
  'impossible',
  'time_impossible',
  /** The text has a day without its year, or a month without its day. */
  'incomplete',
  /** `########`, which a spreadsheet shows when a column is too narrow. */
  'too_narrow',
] as const;
export type DateProblem = (typeof dateProblems)[number];
export type WrongDate = { problem: DateProblem };

export function readWrittenDate(text: string, order: DateOrder | null = null): ReadDate | WrongDate {
  const tidy = tidied(text);
  if (/^#{2,}$/.test(tidy)) return { problem: 'too_narrow' };
  if (/^\d{5}(?:[.,]\d+)?$/.test(tidy)) return serialDay(Number(tidy.replace(',', '.')));
  const { date, time, zone } = splitTime(tidy);
  const read = readDay(date, order) ?? readDay(withoutWeekday(date), order);
  if (read === null) return { problem: 'unknown' };
  if ('problem' in read) return read;
  const { day, order: proved } = read;
  if (time === null) return { day, time, at: null, order: proved, serial: false };
  const clock = clockOf(time);
  if (clock === null) return { problem: 'time_impossible' };
  if (zone === null) return { day, time: clock, at: null, order: proved, serial: false };
  const offset = offsetMs(zone);
  if (offset === null) return { problem: 'time_impossible' };
  return { day, time: clock, at: Date.parse(`${day}T${clock}Z`) - offset, order: proved, serial: false };
}

/**
 * Replaces all kinds of spaces by one plain space, makes digits plain, and removes the apostrophe that marks a cell as
 * text.
 */
function tidied(text: string): string {
  return text.normalize('NFKC').replace(/\s+/g, ' ').trim().replace(/^'/, '').toLowerCase();
}

const timeBehind =
  /^(.*?\d{2}\.?)(?:\s*[t,]\s*|\s+)(?:at |a las? )?(\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:\s*[ap]\.?\s?m\.?)?)(?:\s*h(?:rs?|s)?\.?)?\s*(z|utc|gmt|[+-]\d{2}:?\d{2}|[+-]\d{2})?$/;

function splitTime(text: string): { date: string; time: string | null; zone: string | null } {
  const [, date = text, time = null, zone = null] = timeBehind.exec(text) ?? [];
  return { date: date.trim(), time, zone };
}

/** Returns `HH:MM:SS`; null for an impossible time. */
function clockOf(time: string): string | null {
  const [, hours = '', minutes = '', seconds = '00', half] =
    /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?(?:\s*([ap])\.?\s?m\.?)?$/.exec(time) ?? [];
  const hour = Number(hours);
  if (half && (hour < 1 || hour > 12)) return null;
  const onClock = half ? (hour % 12) + (half === 'p' ? 12 : 0) : hour;
  if (hours === '' || onClock > 23 || Number(minutes) > 59 || Number(seconds) > 59) return null;
  return [onClock, Number(minutes), Number(seconds)].map((each) => String(each).padStart(2, '0')).join(':');
}

function offsetMs(zone: string): number | null {
  const [, sign, hours = '0', minutes = '0'] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? [];
  if (Number(hours) > 14 || Number(minutes) > 59) return null;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}

type ReadDay = { day: string; order: DateOrder | null };

/** Returns null when the text has no known form. */
function readDay(text: string, order: DateOrder | null): ReadDay | WrongDate | null {
  const numbers =
    /^(\d{4})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{1,2})\.?$/.exec(text) ??
    /^((?:19|20)\d\d)()(\d\d)(\d\d)$/.exec(text);
  if (numbers) return dayOf(numbers[1]!, numbers[3]!, numbers[4]!);
  const [, one, mark, other, year] =
    /^(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})\.?$/.exec(text) ?? [];
  if (one && other && year) return readNumbers({ one, other, year, isDotted: mark === '.' }, order);
  const named = readNamedMonth(text);
  if (named) return named;
  const isPart =
    /^\d{1,2}[-/.]\d{1,2}\.?$/.test(text) || /^\d{4}[-/]\d{1,2}$/.test(text) || isPartWithName(text);
  return isPart ? { problem: 'incomplete' } : null;
}

type Numbers = { one: string; other: string; year: string; isDotted: boolean };

function readNumbers({ one, other, year, isDotted }: Numbers, order: DateOrder | null): ReadDay | WrongDate {
  // In dates with dots the day comes first.
  if (isDotted) return dayOf(year, other, one);
  const [isDay, isMonth] = [Number(other) <= 12, Number(one) <= 12];
  if (!isDay && !isMonth) return { problem: 'impossible' };
  const proved: DateOrder | null = isDay && isMonth ? null : isDay ? 'day_first' : 'month_first';
  const chosen = proved ?? (Number(one) === Number(other) ? 'day_first' : order);
  if (chosen === null) return { problem: 'ambiguous' };
  const read = chosen === 'day_first' ? dayOf(year, other, one) : dayOf(year, one, other);
  return 'day' in read ? { ...read, order: proved } : read;
}

/** Builds a day. A two-digit year is in this century, because due dates are in the future. */
function dayOf(year: string, month: string, day: string): ReadDay | WrongDate {
  const full = year.length === 2 ? `20${year}` : year;
  const text = `${full}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const at = Date.parse(`${text}T00:00:00Z`);
  const isThere = !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
  return isThere ? { day: text, order: null } : { problem: 'impossible' };
}

const months = new Map<string, number>(
  [
    'jan january ene enero',
    'feb february febrero',
    'mar march marzo',
    'apr april abr abril',
    'may mayo',
    'jun june junio',
    'jul july julio',
    'aug august ago agosto',
    'sep sept september septiembre set setiembre',
    'oct october octubre',
    'nov november noviembre',
    'dec december dic diciembre',
  ].flatMap((names, index) => names.split(' ').map((name) => [name, index + 1] as const)),
);
const weekdays = new Set(
  (
    'mon monday tue tues tuesday wed wednesday thu thur thurs thursday fri friday sat saturday sun sunday ' +
    'lun lunes mar martes mie miercoles jue jueves vie viernes sab sabado dom domingo'
  ).split(' '),
);

const letters = '([a-z\\u00e0-\\u00ff]+)\\.?';
const gap = '(?:\\s?[-/.,]\\s?|\\s)(?:del? )?';
const nth = '(?:st|nd|rd|th|\\u00ba|o)?';
const dayMonthYear = new RegExp(`^(\\d{1,2})${nth}\\.?${gap}${letters}${gap}'?(\\d{4}|\\d{2})$`);
const monthDayYear = new RegExp(`^${letters}${gap}(\\d{1,2})${nth}${gap}(\\d{4})$`);
const yearMonthDay = new RegExp(`^(\\d{4})${gap}${letters}${gap}(\\d{1,2})$`);
const partWithName = new RegExp(`^(?:\\d{1,4}${nth}\\.?${gap}${letters}|${letters}${gap}\\d{1,4}${nth})$`);

function readNamedMonth(text: string): ReadDay | WrongDate | null {
  const forms = [
    [dayMonthYear, 3, 2, 1],
    [monthDayYear, 3, 1, 2],
    [yearMonthDay, 1, 2, 3],
  ] as const;
  for (const [form, year, month, day] of forms) {
    const match = form.exec(text);
    const number = months.get(match?.[month] ?? '');
    if (match && number !== undefined) return dayOf(match[year]!, String(number), match[day]!);
  }
  return null;
}

function isPartWithName(text: string): boolean {
  const [, one, other] = partWithName.exec(text) ?? [];
  return months.has(one ?? other ?? '');
}

/** Removes the weekday from `Fri 5 Mar 2027`, because the date implies it. */
function withoutWeekday(text: string): string {
  const [, word = '', rest = text] = /^([a-z\u00e0-\u00ff]+)\.?,?\s+(.*)$/.exec(text) ?? [];
  return weekdays.has(word.normalize('NFD').replace(/\p{M}/gu, '')) ? rest : text;
}

const daySeconds = 24 * 3600;

/**
 * Converts a spreadsheet's day number. Day 0 is 30 December 1899 (correct since March 1900); the fraction is the time.
 */
function serialDay(serial: number): ReadDate {
  const seconds = Math.round(serial * daySeconds);
  const iso = new Date(Date.UTC(1899, 11, 30) + seconds * 1000).toISOString();
  const time = seconds % daySeconds === 0 ? null : iso.slice(11, 19);
  return { day: iso.slice(0, 10), time, at: null, order: null, serial: true };
}
