/**
 * Decides whether the varying numbers in names count frames, or are years, dates, sizes or versions. More names never
 * undo a sequence: every further name belongs to it, so the order of arrival does not matter. A new name can only
 * complete a run near it (`reach`), so a folder need not be read as a whole.
 */
import { frameFormat, type FrameFormat } from './frame-formats.ts';
import { isPadded, type FrameName } from './frame-names.ts';

/** A run that a new name completes lies within this many frames of it. */
export const reach = 60;
/** With this many names or more, only names near the new one can change the decision. */
export const enoughNames = 300;

/** Picture widths and heights of formats, film scans and screens, in pixels. */
const sizes =
  '480 486 512 540 576 640 720 768 800 854 858 960 1024 1080 1152 1200 1280 1366 1440 1536 1556 1600 1620 1716 1728 1828 1920 ' +
  '1998 2048 2160 2304 2560 2700 2880 3072 3112 3200 3240 3424 3456 3840 3996 4096 4320 4448 4608 5120 5760 6144 6560 7680 8192 10240 12288 16384';
/** Numbers that are usual colour depths, frame rates, luminances in nits or colour spaces. */
const properties =
  '8 10 12 14 16 24 25 30 32 48 50 60 100 120 1000 4000 2398 23976 2997 29970 5994 59940 709 2020';
const propertyNumbers = new Set(`${sizes} ${properties}`.split(' ').map(Number));

const day = '(?:0[1-9]|[12]\\d|3[01])';
const month = '(?:0[1-9]|1[0-2])';
const year = '(?:19|20)\\d\\d';
const wholeDate = new RegExp(`^(?:${year}${month}${day}|${day}${month}${year}|${month}${day}${year})$`);
const yearOrShortDate = new RegExp(`^(?:${year}|[1239]\\d${month}${day})$`);
/**
 * The beginning of a date or timecode: `2024-03-` before a day, `19.08.` before seconds, `01_00_00_` before a frame.
 */
const dateBefore = /(?:^|\D)(?:\d{4}|\d{2})([-_. ])\d{2}\1$/;

/** `date`: never a frame; `calendar`: a frame only in a run; `property`: a frame only in a run with others. */
type Sense = 'plain' | 'property' | 'calendar' | 'date';

type Kind = {
  format: FrameFormat;
  /** The name begins with the number, or has a dot before it. */
  isClear: boolean;
  hasDateBefore: boolean;
};

type Member = { frame: number; digits: number; sense: Sense };

/** Returns true when these names form a sequence. They must share one sequence key. */
export function isSequence(frames: readonly FrameName[]): boolean {
  const [first] = frames;
  if (!first || frames.length < 2) return false;
  const kind = kindOf(first);
  return isEvident(frames, kind) || hasRun(frames, kind);
}

function kindOf({ prefix, suffix }: FrameName): Kind {
  return {
    format: frameFormat(suffix.slice(1)) ?? 'picture',
    isClear: prefix === '' || prefix.endsWith('.'),
    hasDateBefore: dateBefore.test(prefix),
  };
}

/** Returns true when the form of the names shows that they count frames; then two different numbers are enough. */
function isEvident(frames: readonly FrameName[], kind: Kind): boolean {
  const { format, isClear } = kind;
  if (format === 'picture' && !isClear) return false;
  const { frame: anyFrame } = frames[0]!;
  let hasOthers = false;
  let hasPlain = false;
  let isLong = false;
  let isPlainPadded = false;
  // Shots are numbered in tens: `sh_0010`, `sh_0020`.
  let isBetweenTens = frames.length >= 100;
  for (const each of frames) {
    hasOthers ||= each.frame !== anyFrame;
    isLong ||= each.number.length > 2;
    isBetweenTens ||= each.frame % 10 !== 0;
    if (!hasPlain || (!isClear && !isPlainPadded)) {
      const isPlain = senseOf(each, kind) === 'plain';
      hasPlain ||= isPlain;
      isPlainPadded ||= isPlain && isPadded(each);
    }
    const isEnough = isClear ? format !== 'picture' || isLong : isPlainPadded && isBetweenTens;
    if (isEnough && hasOthers && hasPlain) return true;
  }
  return false;
}

/**
 * Returns true when enough numbers follow each other at a distance of 1, or of 2 to 4 with one number more than
 * otherwise needed.
 */
function hasRun(frames: readonly FrameName[], kind: Kind): boolean {
  const members = new Map<number, Member>();
  for (const each of frames) {
    const sense = senseOf(each, kind);
    if (sense === 'date') continue;
    const known = members.get(each.frame);
    const digits = Math.max(each.number.length, known?.digits ?? 0);
    members.set(each.frame, { frame: each.frame, digits, sense: known?.sense === 'plain' ? 'plain' : sense });
  }
  for (const member of members.values()) {
    for (let distance = 1; distance <= 4; distance++) {
      if (members.has(member.frame - distance) || !members.has(member.frame + distance)) continue;
      const run = [member];
      for (let next = member.frame + distance; members.has(next); next += distance)
        run.push(members.get(next)!);
      if (run.length >= neededIn(run, kind) + Number(distance > 1)) return true;
    }
  }
  return false;
}

/** Returns how many frames this run needs to be a sequence. */
function neededIn(run: readonly Member[], { format, isClear }: Kind): number {
  if (!run.some(({ sense }) => sense === 'plain')) {
    if (run.some(({ sense }) => sense === 'property')) return Infinity;
    if (format !== 'frame') return 12;
    return isClear ? 2 : 3;
  }
  const digits = Math.max(...run.map((each) => each.digits));
  if (format !== 'picture') return digits > 2 ? 2 : 3;
  return isClear || digits > 3 ? 3 : 12;
}

function senseOf({ number, frame }: FrameName, { hasDateBefore }: Kind): Sense {
  if (number.length === 8 && wholeDate.test(number)) return 'date';
  if (hasDateBefore && (number.length === 2 || number.length === 4)) return 'calendar';
  if (number.startsWith('0') && number !== '0') return 'plain';
  if ((number.length === 4 || number.length === 6) && yearOrShortDate.test(number)) return 'calendar';
  return propertyNumbers.has(frame) ? 'property' : 'plain';
}
