/** Suggests the nearest acceptable name for one that is impossible or hides something. */
import { maxNameBytes, nameProblem, reservedOnWindows } from './names.ts';
import { hiddenIn, isSeen, latinLike, type HiddenCharacter } from './hidden-characters.ts';

/** Replacements for characters that Windows or Unix reserve. */
const standIns: Record<string, string> = { '"': "'", '<': '_', '>': '_', '?': '_', '*': '_' };
const reserved = /["<>?*:|/\\]/g;

/** Private-use characters that Macs write to file servers in place of characters that Windows forbids. */
const privateStandIns: Record<string, string> = {
  '\uf028': ' ',
  '\uf029': '.',
  '\uf020': "'",
  '\uf022': '-',
};

/**
 * Returns the name itself when it is possible and hides nothing. Otherwise returns a name that is acceptable; a name
 * that is too long keeps its extension and frame number.
 */
export function cleanName(name: string): string {
  let clean = name.isWellFormed() ? name : name.toWellFormed().replaceAll('\ufffd', '_');
  // Removing one thing may expose another. Each round removes more.
  for (let turn = 0; turn < 8; turn++) {
    const before = clean;
    clean = withoutReserved(
      shortened(trimmed(withoutHidden(clean).replace(reserved, (sign) => standIns[sign] ?? '-'))),
    );
    if (clean === before) break;
  }
  return nameProblem(clean) === null && hiddenIn(clean).length === 0 ? clean : '_';
}

/** Cleans each part of a path. */
export function cleanPath(path: string): string {
  return path.split('/').map(cleanName).join('/');
}

function withoutHidden(name: string): string {
  let clean = '';
  let from = 0;
  for (const hidden of hiddenIn(name)) {
    const to = hidden.index + hidden.length;
    clean += name.slice(from, hidden.index) + inPlaceOf(name.slice(hidden.index, to), hidden);
    from = to;
  }
  return clean + name.slice(from);
}

function inPlaceOf(letter: string, hidden: HiddenCharacter): string {
  if (hidden.kind === 'space') return ' ';
  if (hidden.kind === 'private') return privateStandIns[letter] ?? '_';
  if (!isSeen(hidden)) return '';
  const small = letter.toLowerCase();
  const latin = latinLike(small);
  return small === letter ? latin : latin.toUpperCase();
}

/** Removes dots and spaces at the end, which Windows removes too, and invisible spaces at the beginning. */
function trimmed(name: string): string {
  const clean = name.replace(/[. ]+$/, '').replace(/^ +/, '');
  return clean === '' ? '_' : clean;
}

function withoutReserved(name: string): string {
  return reservedOnWindows.test(name) ? name.replace(/^[^.]+/, '$&_') : name;
}

/** The ending of a name: version, frame number and extension identify a file, so the words before them are cut. */
const ending = /(?:[._ -]v\d{1,6})?(?:[._-]-?\d{2,10})?(?:\.[^.\s]{1,16})?$/iu;

/** Shortens a name to the limit, minus one byte for the `_` that a reserved name gets. */
function shortened(name: string): string {
  const bytes = (text: string) => new TextEncoder().encode(text).length;
  if (bytes(name) <= maxNameBytes) return name;
  const tail = ending.exec(name)?.[0] ?? '';
  const letters = [...name.slice(0, name.length - tail.length)];
  let room = maxNameBytes - 1 - bytes(tail);
  const kept = letters.findIndex((letter) => (room -= bytes(letter)) < 0);
  return (
    letters
      .slice(0, kept < 0 ? letters.length : kept)
      .join('')
      .replace(/[. ]+$/, '') + tail
  );
}

/** The fewest letters that a shortened name keeps; fewer would not identify it. */
const fewestLetters = 8;

/** Returns the path with its name shortened as far as needed; null when the folders alone are too long. */
export function withShorterName(path: string, most: number): string | null {
  const from = path.lastIndexOf('/') + 1;
  const name = path.slice(from);
  const tail = ending.exec(name)?.[0] ?? '';
  const room = most - from - tail.length;
  const words = cutTo(name.slice(0, name.length - tail.length), room);
  return room < Math.min(fewestLetters, name.length - tail.length)
    ? null
    : path.slice(0, from) + words + tail;
}

/** Shortens the longest folder names evenly until the path is short enough; null when that is not possible. */
export function withShorterFolders(folder: string, most: number): string | null {
  const names = folder.split('/');
  let left = folder.length - most;
  while (left > 0) {
    const longest = names.reduce((at, name, index) => (name.length > names[at]!.length ? index : at), 0);
    const name = names[longest]!;
    if (name.length <= fewestLetters) return null;
    const cut = cutTo(name, name.length - 1);
    left -= name.length - cut.length;
    names[longest] = cut;
  }
  return names.join('/');
}

/** Cuts the words to a length, never within a character, and removes characters that may not end a name. */
function cutTo(words: string, length: number): string {
  if (words.length <= length) return words;
  const cut = words.slice(0, Math.max(0, length));
  return (cut.isWellFormed() ? cut : cut.slice(0, -1)).replace(/[. ]+$/, '');
}
