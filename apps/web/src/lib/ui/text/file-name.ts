/**
 * Finds where a long name may be shortened: never in its version, frame numbers and extension, or else never in its
 * last letters.
 */

export type NameParts = { head: string; tail: string };

const lettersKept = 8;
const longestTail = 32;
/** A shorter head can be narrower than its reserved width, which would leave a gap in the name. */
const shortestHead = 6;

/**
 * A frame number as digits, placeholders or a range in brackets, with an optional version before it; or a version
 * alone.
 */
const versionAndFrames =
  /(?:[._ -]v\d+)?(?:[._ ]?\[[\d,\s-]+\]|[._-](?:\d{3,}(?:-\d{3,})?|#+|%\d*d))$|[._ -]v\d+$/iu;

/** Splits a name into a head that may be cut and a tail that stays: `…v07_PM_Near` + `f_48k_24b.wav`. */
export function splitName(name: string): NameParts {
  const letters = [...name];
  const extension = /\.[^.\s]{1,12}$/u.exec(name)?.[0] ?? '';
  const stem = name.slice(0, name.length - extension.length);
  const numbers = versionAndFrames.exec(stem)?.[0] ?? '';
  const tailLength = Math.min(longestTail, [...extension].length + (numbers.length || lettersKept));
  if (letters.length < tailLength + shortestHead) return { head: name, tail: '' };
  return {
    head: letters.slice(0, letters.length - tailLength).join(''),
    tail: letters.slice(letters.length - tailLength).join(''),
  };
}
