/** Where a long name may be shortened: never in its version, frame numbers and extension, or else in the last letters. */

export type NameParts = { head: string; tail: string };

const lettersKept = 8;
const longestTail = 32;
/** A shorter head can be narrower than the room that is kept for it: a gap would part the name. */
const shortestHead = 6;

/** Frames as digits, as signs or as a range in brackets; a version before them, or a version alone. */
const versionAndFrames =
  /(?:[._ -]v\d+)?(?:[._ ]?\[[\d,\s-]+\]|[._-](?:\d{3,}(?:-\d{3,})?|#+|%\d*d))$|[._ -]v\d+$/iu;

/** The head may be cut, the tail stays. `…v07_PM_Near` + `f_48k_24b.wav`. */
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
