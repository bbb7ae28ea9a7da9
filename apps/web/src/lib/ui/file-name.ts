/** Where a long name may be shortened: never in its extension, its frame numbers or the last letters before them. */

export type NameParts = { head: string; tail: string };

const lettersKept = 8;
const longestTail = 24;
/** A shorter head can be narrower than the room that is kept for it: a gap would part the name. */
const shortestHead = 6;

/** The head may be cut, the tail stays. `…v07_PM_Near` + `f_48k_24b.wav`. */
export function splitName(name: string): NameParts {
  const letters = [...name];
  const extension = /\.[^.\s]{1,12}$/u.exec(name)?.[0] ?? '';
  const stem = name.slice(0, name.length - extension.length);
  const frames = /(?:[._ ]?\[[\d,\s-]+\]|[._]\d{3,}(?:-\d{3,})?)$/u.exec(stem)?.[0] ?? '';
  const kept = [...extension].length + [...frames].length;
  const tailLength = Math.min(longestTail, kept + (frames ? 0 : lettersKept));
  if (letters.length < tailLength + shortestHead) return { head: name, tail: '' };
  return {
    head: letters.slice(0, letters.length - tailLength).join(''),
    tail: letters.slice(letters.length - tailLength).join(''),
  };
}
