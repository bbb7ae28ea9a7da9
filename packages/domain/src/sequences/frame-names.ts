/**
 * Reads and writes names of frames: `prefix number .extension`. A single name only gives a candidate number; all names of a
 * folder decide whether it counts frames (`frame-evidence.ts`). The grammar is in `docs/sequences.md`.
 */
import { nameKey } from '../names/names.ts';
import { frameFormat } from './frame-formats.ts';

export type FrameName = {
  /** Everything before the number, with the separator. */
  prefix: string;
  /** As written, with its sign: `-002`. */
  number: string;
  /** The extension, with its dot. */
  suffix: string;
  frame: number;
};

export const maxFrame = 999_999_999;
/** A longer number, including padding, is not a frame number. */
const maxDigits = 20;

/** Splits a name at the number before its extension; null when that number cannot be a frame number. */
export function parseFrameName(name: string): FrameName | null {
  const dot = name.lastIndexOf('.');
  if (dot < 1 || !isDigit(name, dot - 1)) return null;
  if (frameFormat(name.slice(dot + 1)) === null) return null;
  let start = dot - 1;
  while (start > 0 && isDigit(name, start - 1)) start -= 1;
  const digits = dot - start;
  const value = Number(name.slice(start, dot));
  if (digits > maxDigits || value > maxFrame) return null;
  // A hyphen after a letter or digit is a separator. After another separator, or at the start of the name, it is a
  // minus sign.
  const isNegative = start > 0 && name[start - 1] === '-' && (start === 1 || isMark(name[start - 2]!));
  if (isNegative) start -= 1;
  const prefix = name.slice(0, start);
  const suffix = name.slice(dot);
  if (!mayCount(prefix, suffix, digits)) return null;
  return { prefix, number: name.slice(start, dot), suffix, frame: isNegative ? 0 - value : value };
}

/**
 * Returns a key for the sequence within its folder, equal for any padding. No file can have this key, because it begins
 * with a slash.
 */
export function sequenceKey({ prefix, suffix }: Pick<FrameName, 'prefix' | 'suffix'>): string {
  return `/${nameKey(`${prefix}#${suffix}`)}`;
}

/** Returns the name of the sequence, with a `#` for each digit (and the sign): `shot.####.exr`. */
export function patternOf({ prefix, number, suffix }: FrameName): string {
  return `${prefix}${'#'.repeat(number.length)}${suffix}`;
}

export type SequencePattern = { prefix: string; width: number; suffix: string };

/** Reverses `patternOf`; null for any other text. */
export function parsePattern(pattern: string): SequencePattern | null {
  const dot = pattern.lastIndexOf('.');
  let start = dot;
  while (start > 0 && pattern[start - 1] === '#') start -= 1;
  if (start === dot) return null;
  return { prefix: pattern.slice(0, start), width: dot - start, suffix: pattern.slice(dot) };
}

/** Returns the name of one frame of the sequence, or the text itself when it is not a pattern. */
export function frameNameOf(pattern: string, frame: number): string {
  const parsed = parsePattern(pattern);
  return parsed ? `${parsed.prefix}${paddedNumber(frame, parsed.width)}${parsed.suffix}` : pattern;
}

/** Pads as `printf` does: the sign takes one place, and a longer number takes as many as it needs. */
export function paddedNumber(frame: number, width: number): string {
  if (frame >= 0) return String(frame).padStart(width, '0');
  return `-${String(-frame).padStart(width - 1, '0')}`;
}

export function nameOf({ prefix, number, suffix }: FrameName): string {
  return prefix + number + suffix;
}

/** Sorts in place by number, then longest padding first, then by name, so that the order of arrival does not matter. */
export function inFrameOrder(frames: FrameName[]): FrameName[] {
  return frames.sort(
    (one, other) =>
      one.frame - other.frame ||
      other.number.length - one.number.length ||
      (nameOf(one) < nameOf(other) ? -1 : 1),
  );
}

/** Returns true when the number has leading zeros or a sign. Years and sizes have neither. */
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

/**
 * Text before a number that makes it a version: `comp_v001`, `compV2`, `rev3`; in `MOV0001` the letter belongs to a
 * word.
 */
const version = /(?:^|[^A-Za-z])[vV]$|[a-z]V$|(?:^|[^A-Za-z])(?:[vV][eE][rR]|[vV]ersion|VERSION|[rR]ev|REV)$/;
/** The text before the second number of a version: `comp_v1.2`. */
const minorVersion = /(?:^|[^a-z])v\d[._]$/i;
/** `A001C003`, `ep101`: a short number after one of these is part of a code. */
const code = /(?:^|[^a-z])(?:[a-eg-z]|take|ep|sc|reel|roll|cam|part|page|disc|vol)$/i;
const lettersOfCode = 4;
/** Prefixes that cameras and screenshot programs give to pictures. */
const camera =
  /^(?:img|dsc|dscf|dscn|sam|pxl|gopr|dji|mvi|cimg|imgp|pict|p\d|photo|image|screenshot|scan)?[-_ ]?$|^(?:_mg_|_dsc)$/i;
const photograph = /^\.(?:jpe?g|jpe|heic|heif|png|webp|avif)$/i;
const tile = /(?:^|[^a-z])udim(?:[^a-z]|$)/i;

let lastAnswer = { prefix: '', suffix: '', digits: 0, answer: true };

/** Caches the last answer, because names come in order, and thousands share the same text before their number. */
function mayCount(prefix: string, suffix: string, digits: number): boolean {
  if (prefix !== lastAnswer.prefix || suffix !== lastAnswer.suffix || digits !== lastAnswer.digits) {
    lastAnswer = { prefix, suffix, digits, answer: !isSomethingElse(prefix, suffix, digits) };
  }
  return lastAnswer.answer;
}

/** Returns true when the text before the number shows that it does not count frames, whatever other names there are. */
function isSomethingElse(prefix: string, suffix: string, digits: number): boolean {
  if (prefix === '') return false;
  const last = prefix.charCodeAt(prefix.length - 1);
  const isGlued = (last > 64 && last < 91) || (last > 96 && last < 123);
  if (isGlued) {
    if (version.test(prefix)) return true;
    if (/\d[xX]$/.test(prefix)) return true;
    if (digits < lettersOfCode && code.test(prefix)) return true;
  }
  // A name with a leading dot is a hidden file. A `#` before the number would look like part of the pattern.
  if (prefix === '.' || last === 35) return true;
  if (digits < 3 && minorVersion.test(prefix)) return true;
  if (prefix.length < 12 && photograph.test(suffix) && camera.test(prefix)) return true;
  return tile.test(prefix);
}
