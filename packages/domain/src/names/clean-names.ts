/** The name nearest to one that cannot be kept, or that hides something: what is offered in its place. */
import { maxNameBytes, nameProblem, reservedOnWindows } from '../names.ts';
import { hiddenIn, isSeen, latinLike, type HiddenCharacter } from './hidden-characters.ts';

/** Of what Windows and Unix reserve: a sign that reads on. */
const standIns: Record<string, string> = { '"': "'", '<': '_', '>': '_', '?': '_', '*': '_' };
const reserved = /["<>?*:|/\\]/g;

/** Macs write what Windows forbids into private characters on its servers. */
const privateStandIns: Record<string, string> = {
  '\uf028': ' ',
  '\uf029': '.',
  '\uf020': "'",
  '\uf022': '-',
};

/**
 * The name itself when it can be kept and hides nothing. What is offered can always be kept, and keeps the extension and the
 * frame number of a name that is too long.
 */
export function cleanName(name: string): string {
  let clean = name.isWellFormed() ? name : name.toWellFormed().replaceAll('\ufffd', '_');
  // Taking out one thing may lay bare another; each turn leaves less.
  for (let turn = 0; turn < 8; turn++) {
    const before = clean;
    clean = withoutReserved(
      shortened(trimmed(withoutHidden(clean).replace(reserved, (sign) => standIns[sign] ?? '-'))),
    );
    if (clean === before) break;
  }
  return nameProblem(clean) === null && hiddenIn(clean).length === 0 ? clean : '_';
}

/** Each part of the path made clean. */
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

/** What Windows takes off the end of names, and nobody sees at their beginning. */
function trimmed(name: string): string {
  const clean = name.replace(/[. ]+$/, '').replace(/^ +/, '');
  return clean === '' ? '_' : clean;
}

function withoutReserved(name: string): string {
  return reservedOnWindows.test(name) ? name.replace(/^[^.]+/, '$&_') : name;
}

/** A version, a frame number and an extension say what a file is: the words before them give way. */
const ending = /(?:[._ -]v\d{1,6})?(?:[._-]-?\d{2,10})?(?:\.[^.\s]{1,16})?$/iu;

/** With room for the mark that a reserved name gets. */
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
