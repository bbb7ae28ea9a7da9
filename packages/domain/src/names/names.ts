/**
 * Rules for names of files and folders: which are allowed, when two are the same, and how to parse the paths of a
 * delivered folder.
 */
import { isInvisible, turnsDirection } from './hidden-characters.ts';

export const nameProblems = [
  'empty',
  'dots',
  'slash',
  'control',
  'reserved',
  'ending',
  'too_long',
  'too_deep',
  'not_unicode',
] as const;
export type NameProblem = (typeof nameProblems)[number];

export const maxNameBytes = 255;
export const maxPathDepth = 250;

/** Windows device names, with any extension and in any case. Superscript digits count as well. */
export const reservedOnWindows = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$/i;
// eslint-disable-next-line no-control-regex
const controlCharacters = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const reservedCharactersOnWindows = /[<>:"|?*]/;

/**
 * Returns why `name` is not allowed as a name, or null when it is. The name is kept byte for byte: nothing is trimmed
 * silently.
 */
export function nameProblem(name: string): NameProblem | null {
  if (isInvisible(name)) return turnsDirection(name) ? 'control' : 'empty';
  if (name === '.' || name === '..') return 'dots';
  if (!name.isWellFormed()) return 'not_unicode';
  if (/[/\\]/.test(name)) return 'slash';
  if (controlCharacters.test(name) || turnsDirection(name)) return 'control';
  if (reservedOnWindows.test(name) || reservedCharactersOnWindows.test(name)) return 'reserved';
  if (/[. ]$/.test(name) || name.startsWith(' ')) return 'ending';
  if (new TextEncoder().encode(name).length > maxNameBytes) return 'too_long';
  return null;
}

const problemSentences: Record<NameProblem, string> = {
  empty: 'Give it a name.',
  dots: 'A name cannot be only dots.',
  slash: 'A name cannot contain / or \\.',
  control: 'Remove the invisible control characters from the name.',
  reserved: 'Windows reserves this name or one of < > : " | ? * in it; choose another.',
  ending: 'A name cannot begin with a space or end with a space or a dot.',
  too_long: `Shorten the name to at most ${maxNameBytes} bytes.`,
  too_deep: `Put it higher up: folders can be at most ${maxPathDepth} deep.`,
  not_unicode: 'The name is not valid Unicode text.',
};

/** Returns an English sentence that says what to change. */
export function describeNameProblem(problem: NameProblem): string {
  return problemSentences[problem];
}

/** Two names are the same name when their keys are equal: Unicode NFC, then case folding. */
export function nameKey(name: string): string {
  // Upper-casing folds letters that lower-casing alone keeps apart (ß/SS, ſ/S, final ς/σ); the lower-casing before it
  // handles ẞ.
  return name.normalize('NFC').toLowerCase().toUpperCase().toLowerCase().normalize('NFC');
}

/** Returns the folders of a path, the outermost first: `a` and `a/b` for `a/b/cut.mov`. */
export function foldersAbove(path: string): string[] {
  const segments = path.split('/').slice(0, -1);
  return segments.map((_, index) => segments.slice(0, index + 1).join('/'));
}

/** Returns the name at the end of a path: `mix.wav` for `Reel 1/mix.wav`. */
export function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export type PathProblem = { segment: string; problem: NameProblem };

/** Returns the segments of a relative path, or the first segment that is not allowed as a name. */
export function parseRelativePath(path: string): { segments: string[] } | PathProblem {
  const segments = path.split('/');
  for (const segment of segments) {
    const problem = nameProblem(segment);
    if (problem) return { segment, problem };
  }
  if (segments.length > maxPathDepth) return { segment: segments[maxPathDepth] ?? '', problem: 'too_deep' };
  return { segments };
}

/** The maximum length of a path in a delivery, in characters. */
export const maxDeliveryPathLength = 256;
const strictName = /^[A-Za-z0-9._-]+$/;

/**
 * Returns true for names of letters, digits and `. _ -`, which work everywhere. A Workspace keeps other names too, but
 * flags them.
 */
export function isStrictName(name: string): boolean {
  return strictName.test(name) && nameProblem(name) === null;
}

/**
 * Returns why a name is not strict, for a flag in a list; null when it is. `sequence`: the name is a pattern whose `#`
 * stand for digits.
 */
export function looseName(name: string, { sequence = false } = {}): 'spaces' | 'characters' | null {
  const written = sequence ? name.replaceAll('#', '0') : name;
  if (strictName.test(written)) return null;
  return strictName.test(written.replaceAll(' ', '_')) ? 'spaces' : 'characters';
}

/** The kinds of problems of a strict name. `name`: the segment is impossible on any system, which is reported first. */
export type StrictNameProblem =
  { problem: 'characters' | 'name'; segment: string } | { problem: 'path_too_long'; length: number };

/** Returns why a request that demands strict names refuses the path; null when it accepts it. */
export function strictNameProblem(path: string): StrictNameProblem | null {
  const parsed = parseRelativePath(path);
  if ('problem' in parsed) return { problem: 'name', segment: parsed.segment };
  const segment = parsed.segments.find((each) => !strictName.test(each));
  if (segment !== undefined) return { problem: 'characters', segment };
  return path.length > maxDeliveryPathLength ? { problem: 'path_too_long', length: path.length } : null;
}

/** Letters that Unicode does not decompose into a plain letter and a mark. */
const plainLetters: Record<string, string> = {
  ß: 'ss',
  ẞ: 'SS',
  æ: 'ae',
  Æ: 'AE',
  œ: 'oe',
  Œ: 'OE',
  ø: 'o',
  Ø: 'O',
  ð: 'd',
  Ð: 'D',
  þ: 'th',
  Þ: 'Th',
  đ: 'd',
  Đ: 'D',
  ł: 'l',
  Ł: 'L',
  ħ: 'h',
  Ħ: 'H',
  ı: 'i',
};

/** Returns the nearest strict name, or the name itself if it is strict; null when no part of it can be converted. */
export function suggestStrictName(name: string): string | null {
  if (isStrictName(name)) return name;
  const folded = [...name]
    .map((letter) => plainLetters[letter] ?? letter)
    .join('')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9._-]+/g, '_');
  const [, stem = folded, extension = ''] = /^(.+)(\.[A-Za-z0-9]{1,31})$/.exec(folded) ?? [];
  // An extension alone is not a name: a person must choose the word for 映画.mov.
  if (!/[A-Za-z0-9]/.test(stem) && stem.includes('_')) return null;
  // Replacing characters leaves `_` at both ends and around dots.
  const tidy = stem.replace(/(?<=[A-Za-z0-9])_*\._*(?=[A-Za-z0-9])/g, '.').replace(/^_+|[_.]+$/g, '');
  const suggested = shortened(reservedOnWindows.test(tidy) ? withMark(tidy) : tidy, extension);
  return isStrictName(suggested) ? suggested : null;
}

/** `NUL` becomes `NUL_`, `aux.tar` becomes `aux_.tar`. */
function withMark(stem: string): string {
  return stem.replace(/^[^.]+/, '$&_');
}

function shortened(stem: string, extension: string): string {
  return stem.slice(0, maxNameBytes - extension.length).replace(/\.+$/, '') + extension;
}

/** Returns true when the text has no control characters other than line breaks, and no unpaired surrogate. */
export function isCleanText(text: string): boolean {
  // eslint-disable-next-line no-control-regex
  return text.isWellFormed() && !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text);
}
