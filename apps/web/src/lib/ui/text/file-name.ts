/**
 * Determines where a long name may be shortened: never in its version, frame numbers and extension, or else never in
 * its last letters.
 */

/** The parts of a name in UTF-16 units: the middle is between `head` and `tail`; the narrowest columns cut it from `least`. */
type NameParts = { least: number; head: number; tail: number };

/** Two lines of the narrowest place can hold a name of this length. */
const alwaysWhole = 32;
const leastLetters = 10;
const headLetters = 24;
const tailLetters = 20;
const longestTail = 32;

/**
 * A frame number as digits, placeholders or a range in brackets, with an optional version before it; or a version
 * alone.
 */
const versionAndFrames =
  /(?:[._ -]v\d+)?(?:[._ ]?\[[\d,\s-]+\]|[._-](?:\d{3,}(?:-\d{3,})?|#+|%\d*d))$|[._ -]v\d+$/iu;

/** Returns the middle of a name that may need to be cut; null for a name that is always shown whole. */
export function splitName(name: string): NameParts | null {
  const letters = [...name];
  if (letters.length <= alwaysWhole) return null;
  const extension = /\.[^.\s]{1,12}$/u.exec(name)?.[0] ?? '';
  const stem = name.slice(0, name.length - extension.length);
  const numbers = versionAndFrames.exec(stem)?.[0] ?? '';
  const kept = Math.max(tailLetters, [...extension, ...numbers].length);
  const tail = letters.length - Math.min(longestTail, kept, letters.length - leastLetters);
  const lengthOf = (some: number) => letters.slice(0, some).join('').length;
  return {
    least: lengthOf(leastLetters),
    head: lengthOf(Math.min(headLetters, tail)),
    tail: lengthOf(tail),
  };
}

/**
 * Returns the class of width that a name needs to be whole on two lines; `MiddleEllipsis` has a rule for each class.
 */
export function widthClassOf({ length }: string): 'tiny' | 'short' | 'medium' | 'long' | 'longer' | 'huge' {
  if (length <= 48) return 'tiny';
  if (length <= 58) return 'short';
  if (length <= 70) return 'medium';
  if (length <= 96) return 'long';
  return length <= 136 ? 'longer' : 'huge';
}
