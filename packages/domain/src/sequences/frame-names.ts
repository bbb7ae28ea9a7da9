/**
 * How the name of a frame is read and written: `prefix number .extension`. One name alone only says what its number would
 * be; whether the number counts frames is told by all names of a folder (`frame-evidence.ts`). The grammar: `docs/sequences.md`.
 */
import { nameKey } from '../names/names.ts';
import { frameFormat } from './frame-formats.ts';

export type FrameName = {
  /** All before the number, with the separator. */
  prefix: string;
  /** As it is written, with its sign: `-002`. */
  number: string;
  /** The extension with its dot. */
  suffix: string;
  frame: number;
};

const maxFrame = 999_999_999;
/** What may be padded with so many zeros is no number of a frame. */
const maxDigits = 20;

/** The number right before the extension, or null where it cannot be that of a frame. */
export function parseFrameName(name: string): FrameName | null {
  const dot = name.lastIndexOf('.');
  if (dot < 1 || !isDigit(name, dot - 1)) return null;
  if (frameFormat(name.slice(dot + 1)) === null) return null;
  let start = dot - 1;
  while (start > 0 && isDigit(name, start - 1)) start -= 1;
  const digits = dot - start;
  const value = Number(name.slice(start, dot));
  if (digits > maxDigits || value > maxFrame) return null;
  // A hyphen after a letter or a digit separates; after another separator, or as the first sign of the name, it is a minus.
  const isNegative = start > 0 && name[start - 1] === '-' && (start === 1 || isMark(name[start - 2]!));
  if (isNegative) start -= 1;
  const prefix = name.slice(0, start);
  const suffix = name.slice(dot);
  if (!mayCount(prefix, suffix, digits)) return null;
  return { prefix, number: name.slice(start, dot), suffix, frame: isNegative ? 0 - value : value };
}

/** Names the sequence among what is kept in one folder, whatever the padding; no file can have it as its key, because of the slash. */
export function sequenceKey({ prefix, suffix }: Pick<FrameName, 'prefix' | 'suffix'>): string {
  return `/${nameKey(`${prefix}#${suffix}`)}`;
}

/** Name of a sequence, with `#` for each place of its number: `shot.####.exr`. */
export function patternOf({ prefix, number, suffix }: FrameName): string {
  return `${prefix}${'#'.repeat(number.length)}${suffix}`;
}

export type SequencePattern = { prefix: string; width: number; suffix: string };

/** The reverse of `patternOf`; null for every other text. */
export function parsePattern(pattern: string): SequencePattern | null {
  const dot = pattern.lastIndexOf('.');
  let start = dot;
  while (start > 0 && pattern[start - 1] === '#') start -= 1;
  if (start === dot) return null;
  return { prefix: pattern.slice(0, start), width: dot - start, suffix: pattern.slice(dot) };
}

/** The name of a frame of the sequence. */
export function frameNameOf(pattern: string, frame: number): string {
  const parsed = parsePattern(pattern);
  return parsed ? `${parsed.prefix}${paddedNumber(frame, parsed.width)}${parsed.suffix}` : pattern;
}

/** As `printf` pads: the sign takes one of the places, and a longer number takes as many as it needs. */
export function paddedNumber(frame: number, width: number): string {
  if (frame >= 0) return String(frame).padStart(width, '0');
  return `-${String(-frame).padStart(width - 1, '0')}`;
}

export function nameOf({ prefix, number, suffix }: FrameName): string {
  return prefix + number + suffix;
}

/** Sorts them by number; of one number the longest padding first, then by letters: the same in every order of arrival. */
export function inFrameOrder(frames: FrameName[]): FrameName[] {
  return frames.sort(
    (one, other) =>
      one.frame - other.frame ||
      other.number.length - one.number.length ||
      (nameOf(one) < nameOf(other) ? -1 : 1),
  );
}

/** Zeros before the number, or its sign: nobody writes years, sizes and versions so. */
export function isPadded({ number }: FrameName): boolean {
  return number.startsWith('-') || (number.length > 3 && number.startsWith('0'));
}

const separators = '._- ';

function isMark(letter: string): boolean {
  return separators.includes(letter);
}

function isDigit(name: string, at: number): boolean {
  const code = name.charCodeAt(at);
  return code > 47 && code < 58;
}

/** `comp_v001`, `compV2`, `rev3`; in `MOV0001` the letter belongs to a word. */
const version = /(?:^|[^A-Za-z])[vV]$|[a-z]V$|(?:^|[^A-Za-z])(?:[vV][eE][rR]|[vV]ersion|VERSION|[rR]ev|REV)$/;
/** `comp_v1.2`: its second number. */
const minorVersion = /(?:^|[^a-z])v\d[._]$/i;
/** `A001C003`, `ep101`: parts of a code, until the number is long enough to count frames. */
const code = /(?:^|[^a-z])(?:[a-eg-z]|take|ep|sc|reel|roll|cam|part|page|disc|vol)$/i;
const lettersOfCode = 4;
/** Names that cameras give to photographs. */
const camera =
  /^(?:img|dsc|dscf|dscn|sam|pxl|gopr|dji|mvi|cimg|imgp|pict|p\d|photo|image|screenshot|scan)?[-_ ]?$|^(?:_mg_|_dsc)$/i;
const photograph = /^\.(?:jpe?g|jpe|heic|heif|png|webp|avif)$/i;
const tile = /(?:^|[^a-z])udim(?:[^a-z]|$)/i;

let asked = { prefix: '', suffix: '', digits: 0, answer: true };

/** Names come in order, thousands with the same text before their number: what was asked last is asked again. */
function mayCount(prefix: string, suffix: string, digits: number): boolean {
  if (prefix !== asked.prefix || suffix !== asked.suffix || digits !== asked.digits) {
    asked = { prefix, suffix, digits, answer: !isSomethingElse(prefix, suffix, digits) };
  }
  return asked.answer;
}

/** What the text before the number makes of it, whatever other names there are. */
function isSomethingElse(prefix: string, suffix: string, digits: number): boolean {
  if (prefix === '') return false;
  const last = prefix.charCodeAt(prefix.length - 1);
  const isGlued = (last > 64 && last < 91) || (last > 96 && last < 123);
  if (isGlued) {
    if (version.test(prefix)) return true;
    if (/\d[xX]$/.test(prefix)) return true;
    if (digits < lettersOfCode && code.test(prefix)) return true;
  }
  // A dot as the first sign hides a file; a pattern could not be told from its number.
  if (prefix === '.' || last === 35) return true;
  if (digits < 3 && minorVersion.test(prefix)) return true;
  if (prefix.length < 12 && photograph.test(suffix) && camera.test(prefix)) return true;
  return tile.test(prefix);
}
