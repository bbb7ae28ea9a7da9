/**
 * Timecodes by frame rate (SMPTE ST 12-1, ST 12-3), including drop frame. Reads what people write and counts frames.
 * `docs/timecodes.md` has the grammar and the rules for the nearest timecode.
 */

/**
 * `exact` is the rate as a fraction. `perSecond` is the number of values in the frames field. `dropped` numbers are
 * left out in each minute, except each tenth.
 */
const rates = {
  '23.976': { exact: [24_000, 1001], perSecond: 24, dropped: 0 },
  '24': { exact: [24, 1], perSecond: 24, dropped: 0 },
  '25': { exact: [25, 1], perSecond: 25, dropped: 0 },
  '29.97': { exact: [30_000, 1001], perSecond: 30, dropped: 0 },
  '29.97 DF': { exact: [30_000, 1001], perSecond: 30, dropped: 2 },
  '30': { exact: [30, 1], perSecond: 30, dropped: 0 },
  '47.952': { exact: [48_000, 1001], perSecond: 48, dropped: 0 },
  '48': { exact: [48, 1], perSecond: 48, dropped: 0 },
  '50': { exact: [50, 1], perSecond: 50, dropped: 0 },
  '59.94': { exact: [60_000, 1001], perSecond: 60, dropped: 0 },
  '59.94 DF': { exact: [60_000, 1001], perSecond: 60, dropped: 4 },
  '60': { exact: [60, 1], perSecond: 60, dropped: 0 },
  '100': { exact: [100, 1], perSecond: 100, dropped: 0 },
  '119.88': { exact: [120_000, 1001], perSecond: 120, dropped: 0 },
  '120': { exact: [120, 1], perSecond: 120, dropped: 0 },
} as const satisfies Record<string, { exact: [number, number]; perSecond: number; dropped: number }>;

export type FrameRate = keyof typeof rates;
/** Sorted by speed, because whole numbers would otherwise come first as keys of an object. */
export const frameRates = (Object.keys(rates) as FrameRate[]).toSorted(
  (one, other) => Number.parseFloat(one) - Number.parseFloat(other) || one.length - other.length,
);
export const defaultFrameRate: FrameRate = '25';

export const timecodeProblems = [
  /** The text is not a timecode. */
  'form',
  /** The hours exceed 23: a day ends at 23:59:59. */
  'hours',
  'minutes',
  'seconds',
  /** The frames field exceeds the frames per second of the rate. */
  'frames',
  /** Drop frame skips this number. */
  'dropped',
  /** The text has `;`, which means drop frame, but the rate has no drop frame. */
  'drop_mark',
] as const;
export type TimecodeProblem = (typeof timecodeProblems)[number];

/** `text` is the stored and shown form. A time has milliseconds and the frame that is shown at that time. */
export type Timecode = { kind: 'timecode' | 'time'; text: string; frame: number };
/** `nearest` is the timecode that was probably meant; null when there is none. */
export type WrongTimecode = { problem: TimecodeProblem; nearest: string | null };

const written = /^(\d{1,2})([:;.])(\d{1,2})\2(\d{1,2})(?:([:;.,])(\d{1,3}))?$/;
const hoursADay = 24;

/**
 * Reads `H:MM:SS:FF` with `:`, `;`, `.` or `,` before the frames. `H:MM:SS`, and `H:MM:SS.mmm` with one or three
 * digits, are times.
 */
export function readTimecode(text: string, rate: FrameRate): Timecode | WrongTimecode {
  const match = written.exec(text.trim());
  if (!match) return { problem: 'form', nearest: null };
  const [, hours = '', , minutes = '', seconds = '', mark, rest] = match;
  const isTime = rest === undefined || (/[.,]/.test(mark ?? '') && rest.length !== 2);
  const at = { hours: Number(hours), minutes: Number(minutes), seconds: Number(seconds) };
  return isTime ? readTime(at, rest ?? null, rate) : readFrames({ ...at, frames: Number(rest) }, mark!, rate);
}

type Clock = { hours: number; minutes: number; seconds: number };
type Fields = Clock & { frames: number };

function readTime(at: Clock, parts: string | null, rate: FrameRate): Timecode | WrongTimecode {
  const problem = clockProblem(at);
  const lasting = problem ? lastBefore(at, problem) : at;
  const clock = [lasting.hours, lasting.minutes, lasting.seconds].map(padded).join(':');
  if (problem) return { problem, nearest: parts === null ? clock : `${clock}.999` };
  const thousandths = parts === null ? 0 : Number(parts.padEnd(3, '0'));
  const { perSecond } = rates[rate];
  const frames = Math.floor((thousandths * perSecond) / 1000);
  // A time at a dropped number means the first frame after it.
  const frame = frameOf({ ...at, frames: Math.max(frames, firstNumber(at, rate)) }, rate);
  return { kind: 'time', text: parts === null ? clock : `${clock}.${parts.padEnd(3, '0')}`, frame };
}

function readFrames(at: Fields, mark: string, rate: FrameRate): Timecode | WrongTimecode {
  const { perSecond } = rates[rate];
  const problem = clockProblem(at);
  if (problem) {
    return { problem, nearest: fourFields({ ...lastBefore(at, problem), frames: perSecond - 1 }, rate) };
  }
  if (at.frames >= perSecond) {
    return { problem: 'frames', nearest: fourFields({ ...at, frames: perSecond - 1 }, rate) };
  }
  const first = firstNumber(at, rate);
  if (at.frames < first) return { problem: 'dropped', nearest: fourFields({ ...at, frames: first }, rate) };
  if (mark === ';' && dropFrameOf(rate)) return { problem: 'drop_mark', nearest: fourFields(at, rate) };
  return { kind: 'timecode', text: fourFields(at, rate), frame: frameOf(at, rate) };
}

/** Reads a timecode of unknown rate. `;` means drop frame; otherwise the frames field must fit some rate. */
export function readTimecodeOfSomeRate(text: string): Timecode | WrongTimecode {
  const [, mark = '', frames = ''] = /(.)(\d+)$/.exec(text.trim()) ?? [];
  if (mark === ';') return readTimecode(text, Number(frames) < 30 ? '29.97 DF' : '59.94 DF');
  return readTimecode(text, Number(frames) < 100 ? '100' : '120');
}

/** The timecode of a frame, counted from midnight. */
export function timecodeAt(frame: number, rate: FrameRate): string {
  const { perSecond, dropped } = rates[rate];
  const tenMinutes = perSecond * 600 - dropped * 9;
  const minute = perSecond * 60 - dropped;
  const tens = Math.floor(frame / tenMinutes);
  const rest = frame % tenMinutes;
  // The first minute of ten drops no numbers, so it is longer.
  const minutes = Math.max(0, Math.floor((rest - dropped) / minute));
  const label = frame + dropped * (9 * tens + minutes);
  return fourFields(
    {
      hours: Math.floor(label / (perSecond * 3600)),
      minutes: Math.floor(label / (perSecond * 60)) % 60,
      seconds: Math.floor(label / perSecond) % 60,
      frames: label % perSecond,
    },
    rate,
  );
}

/** Formats milliseconds from the first frame as `HH:MM:SS.mmm`, which findings accept as a time. */
export function timeOfMs(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const seconds = whole / 1000;
  return `${two(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}.${String(whole % 1000).padStart(3, '0')}`;
}

/** The number of frames from midnight to midnight. */
export function framesPerDay(rate: FrameRate): number {
  const { perSecond, dropped } = rates[rate];
  return hoursADay * (perSecond * 3600 - dropped * 54);
}

/** Returns the frames per second as a fraction. */
export function exactRate(rate: FrameRate): readonly [number, number] {
  return rates[rate].exact;
}

/** Returns the frame rate with this speed; null when there is none. */
export function frameRateOf([frames, seconds]: readonly [number, number], isDrop: boolean): FrameRate | null {
  const found = frameRates.find((each) => {
    const [n, d] = rates[each].exact;
    return Math.abs(frames / seconds - n / d) < 0.002 && rates[each].dropped > 0 === isDrop;
  });
  return found ?? (isDrop ? frameRateOf([frames, seconds], false) : null);
}

/** The drop frame rate of the same speed; undefined if there is none, or if this is it. */
export function dropFrameOf(rate: FrameRate): FrameRate | undefined {
  return frameRates.find((each) => each === `${rate} DF`);
}

/**
 * Parses rates as rules, lists and file names write them: `23,976 fps`, `2997`, `59.94i DF`, `25p`. Null for any other
 * text.
 */
export function readFrameRate(text: string): FrameRate | null {
  const [, number = '', drop] =
    /^(\d+(?:[.,]\d+)?)\s*(?:fps|p|i|hz)?\s*(df|drop(?:[ -]?frame)?|ndf|non[ -]?drop(?:[ -]?frame)?)?$/i.exec(
      text.trim(),
    ) ?? [];
  if (number === '') return null;
  const plain = { '2397': '23.976', '2398': '23.976', '23.98': '23.976', '47.95': '47.952' };
  const tidy = number
    .replace(',', '.')
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
  const isDrop = drop !== undefined && /^d/i.test(drop);
  const found = frameRates.find((each) => {
    if (each.endsWith(' DF') !== isDrop) return false;
    const [speed = ''] = each.split(' ');
    const wanted = plain[tidy as keyof typeof plain] ?? tidy;
    return speed === wanted || (speed.includes('.') && speed.replace('.', '') === wanted);
  });
  return found ?? null;
}

/** Returns the rate in a file name whose digits can mean nothing else: `show_v02_5994.L.wav`. */
export function frameRateInName(name: string): FrameRate | null {
  const spoken = name
    .split(/[^a-z0-9]+/i)
    .filter((part) => /^(?:2397|2398|23976|2997|47952|5994|11988)(?:df)?$/i.test(part));
  return spoken.length === 1 ? readFrameRate(spoken[0]!) : null;
}

/** The only rate that a request type allows; null for none, for several, and for text that is not a rate. */
export function onlyFrameRate(texts: readonly string[]): FrameRate | null {
  return texts.length === 1 ? readFrameRate(texts[0]!) : null;
}

function clockProblem({ hours, minutes, seconds }: Clock): 'hours' | 'minutes' | 'seconds' | null {
  if (hours >= hoursADay) return 'hours';
  if (minutes >= 60) return 'minutes';
  return seconds >= 60 ? 'seconds' : null;
}

/** Sets a field that is too large, and all fields after it, to the maximum. */
function lastBefore(at: Clock, problem: 'hours' | 'minutes' | 'seconds'): Clock {
  return {
    hours: problem === 'hours' ? hoursADay - 1 : at.hours,
    minutes: problem === 'seconds' ? at.minutes : 59,
    seconds: 59,
  };
}

/** Returns the first frame number that exists in this second. */
function firstNumber({ minutes, seconds }: Clock, rate: FrameRate): number {
  return seconds === 0 && minutes % 10 !== 0 ? rates[rate].dropped : 0;
}

function frameOf({ hours, minutes, seconds, frames }: Fields, rate: FrameRate): number {
  const { perSecond, dropped } = rates[rate];
  const minute = hours * 60 + minutes;
  return (minute * 60 + seconds) * perSecond + frames - dropped * (minute - Math.floor(minute / 10));
}

function fourFields({ hours, minutes, seconds, frames }: Fields, rate: FrameRate): string {
  const { perSecond, dropped } = rates[rate];
  const digits = String(perSecond - 1).length;
  const clock = [hours, minutes, seconds].map(padded).join(':');
  return `${clock}${dropped > 0 ? ';' : ':'}${String(frames).padStart(digits, '0')}`;
}

function padded(number: number): string {
  return String(number).padStart(2, '0');
}
