/**
 * Matches names against patterns. Each element of the pattern takes one pass over the positions of the name, so no
 * pattern takes exponential time. A check may cover 75,000 frames, so characters are compared as numbers, and nothing
 * is allocated per position.
 */
import { maxNameLength, type NamePart, type NamePattern, type PartKind } from './name-patterns.ts';

/** Returns the text of each named part; null when the name does not match. Ignores case. */
export function matchName(pattern: NamePattern, name: string): Record<string, string> | null {
  const spans = findSpans(pattern, name);
  if (!spans) return null;
  const values: Record<string, string> = {};
  for (const { element, start, end } of spans) {
    if (element.type === 'part' || element.type === 'choice') values[element.name] = name.slice(start, end);
  }
  return values;
}

/**
 * Returns the position at which the name stops matching, and the element expected there (null: the end of the name);
 * null when the name matches.
 */
export function nameMismatch(
  pattern: NamePattern,
  name: string,
): { position: number; expected: NamePart | null } | null {
  if (findSpans(pattern, name)) return null;
  // The last element that can begin anywhere, at its furthest position.
  const rows = reachable(pattern, name);
  const index = rows.findLastIndex((positions) => positions.includes(true));
  return { position: rows[index]!.lastIndexOf(true), expected: pattern.elements[index] ?? null };
}

/**
 * Returns the nearest name that matches: corrects separators, case, missing leading zeros, accents and an extension in
 * capitals. Null when that is not enough, or when the name already has that form.
 */
export function suggestName(pattern: NamePattern, name: string): string | null {
  const tidy = name.normalize('NFKD').replace(/\p{M}/gu, '').trim();
  const spans = findSpans(pattern, tidy, true);
  if (!spans) return null;
  const suggested = spans
    .map(({ element, start, end }) => {
      const found = tidy.slice(start, end);
      if (element.type === 'literal') return element.text;
      if (element.type === 'choice') {
        return element.choices.find((choice) => choice.toLowerCase() === found.toLowerCase()) ?? found;
      }
      if (element.type === 'part' && element.kind === 'digits') return found.padStart(element.min, '0');
      if (element.type === 'part' && element.kind === 'version') {
        return `v${found.slice(1).padStart(element.min - 1, '0')}`;
      }
      return found.replace(/[ ]+/g, '_');
    })
    .join('');
  return suggested !== name && matchName(pattern, suggested) ? suggested : null;
}

type Span = { element: NamePart; start: number; end: number };
/** The positions where an element may end: a range, or a list. */
type Ends = { first: number; furthest: number } | readonly number[];

const nowhere: Ends = [];

/**
 * Computes where elements can end in one name. `isLenient` also accepts other separators, and numbers without leading
 * zeros.
 */
class NameReader {
  readonly length: number;
  #name: string;
  #isLenient: boolean;
  #runs = new Map<PartKind, Int16Array>();

  constructor(name: string, isLenient: boolean) {
    this.length = name.length;
    this.#name = name;
    this.#isLenient = isLenient;
  }

  /**
   * Returns the furthest end of the element from which the rest of the pattern can match (see `last` in `findSpans`);
   * -1 when there is none.
   */
  bestEnd(element: NamePart, start: number, last: Int16Array): number {
    if (element.type === 'part') {
      const shortest = this.#shortest(element);
      const run = this.#run(element, start);
      const end = run < shortest ? -1 : last[start + run]!;
      return end >= start + shortest ? end : -1;
    }
    let best = -1;
    for (const text of textsOf(element)) {
      const end = start + text.length;
      if (end > best && last[end] === end && this.#isAt(text, start, element)) best = end;
    }
    return best;
  }

  ends(element: NamePart, start: number): Ends {
    if (element.type === 'part') {
      const shortest = this.#shortest(element);
      const run = this.#run(element, start);
      return run < shortest ? nowhere : { first: start + shortest, furthest: start + run };
    }
    return textsOf(element)
      .filter((text) => this.#isAt(text, start, element))
      .map((text) => start + text.length);
  }

  #shortest({ kind, min }: Part): number {
    if (!this.#isLenient) return min;
    return kind === 'version' ? 2 : kind === 'digits' ? 1 : min;
  }

  /** Returns the number of characters from `start` that belong to the part's kind, at most its maximum. */
  #run({ kind, max }: Part, start: number): number {
    let runs = this.#runs.get(kind);
    if (!runs) this.#runs.set(kind, (runs = countRuns(kind, this.#name, this.#isLenient)));
    return Math.min(runs[start]!, max);
  }

  #isAt(text: string, start: number, { type }: NamePart): boolean {
    if (start + text.length > this.length) return false;
    const mayDiffer = this.#isLenient && type === 'literal';
    for (let index = 0; index < text.length; index++) {
      const wanted = text.charCodeAt(index);
      const there = this.#name.charCodeAt(start + index);
      if (wanted === there || isOtherCase(wanted, there)) continue;
      if (!mayDiffer || !isSeparator(there) || !isSeparator(wanted)) return false;
    }
    return true;
  }
}

type Part = Extract<NamePart, { type: 'part' }>;

/** A group element takes no characters itself; its elements follow it. */
const empty = [''];

function textsOf(element: Exclude<NamePart, Part>): readonly string[] {
  if (element.type === 'choice') return element.choices;
  return element.type === 'group' ? empty : [element.text];
}

function isOtherCase(one: number, other: number): boolean {
  // Upper and lower case ASCII letters differ only in this bit.
  const lower = one | 32;
  if (lower === (other | 32) && lower >= 97 && lower <= 122) return true;
  if (one < 128 && other < 128) return false;
  return String.fromCharCode(one).toLowerCase() === String.fromCharCode(other).toLowerCase();
}

function isSeparator(code: number): boolean {
  return ' ._-'.includes(String.fromCharCode(code));
}

/** One bit for each kind of ASCII character. */
const bits: Record<PartKind, number> = { letters: 1, digits: 2, version: 2, word: 4, words: 8, any: 16 };
const characters: [number, RegExp][] = [
  [bits.letters, /[a-z]/i],
  [bits.digits, /[0-9]/],
  [bits.word, /[a-z0-9-]/i],
  [bits.words, /[a-z0-9_-]/i],
  [bits.any, /[^/\\]/],
];
const kindsOf = Uint8Array.from({ length: 128 }, (_, code) =>
  characters.reduce((kinds, [bit, is]) => (is.test(String.fromCharCode(code)) ? kinds | bit : kinds), 0),
);

/** Returns for each position the number of consecutive characters of the kind. */
function countRuns(kind: PartKind, name: string, isLenient: boolean): Int16Array {
  const bit = bits[kind];
  const spaces = isLenient && kind === 'words';
  const runs = new Int16Array(name.length + 1);
  for (let position = name.length - 1; position >= 0; position--) {
    const code = name.charCodeAt(position);
    const fits = ((kindsOf[code] ?? bits.any) & bit) !== 0 || (spaces && code === 32);
    runs[position] = fits ? runs[position + 1]! + 1 : 0;
  }
  if (kind !== 'version') return runs;
  const v = 118;
  return runs.map((_, position) => ((name.charCodeAt(position) | 32) === v ? runs[position + 1]! + 1 : 0));
}

/**
 * First works backwards to find the positions from which the rest of the pattern matches the rest of the name; then
 * works forwards and gives each part as many characters as possible.
 */
function findSpans({ elements }: NamePattern, name: string, isLenient = false): Span[] | null {
  if (name.length > maxNameLength) return null;
  const reader = new NameReader(name, isLenient);
  // `last[i][p]`: the furthest position up to p from which the elements from i on match the rest of the name; -1 when
  // there is none.
  const last = Array.from({ length: elements.length + 1 }, () => new Int16Array(name.length + 1).fill(-1));
  last[elements.length]![name.length] = name.length;
  const isGood = (index: number, position: number) => last[index]![position] === position;
  for (let index = elements.length - 1; index >= 0; index--) {
    const element = elements[index]!;
    const [row, next] = [last[index]!, last[index + 1]!];
    let furthest = -1;
    for (let position = 0; position <= name.length; position++) {
      const isSkipped = element.type === 'group' && isGood(element.end, position);
      if (isSkipped || reader.bestEnd(element, position, next) >= 0) furthest = position;
      row[position] = furthest;
    }
  }
  if (!isGood(0, 0)) return null;
  const spans: Span[] = [];
  let position = 0;
  for (let index = 0; index < elements.length;) {
    const element = elements[index]!;
    if (element.type === 'group') {
      index = isGood(index + 1, position) ? index + 1 : element.end;
      continue;
    }
    const end = reader.bestEnd(element, position, last[index + 1]!);
    spans.push({ element, start: position, end });
    position = end;
    index += 1;
  }
  return spans;
}

/** Returns for each element the positions at which it can begin. */
function reachable({ elements }: NamePattern, name: string): boolean[][] {
  const reader = new NameReader(name.slice(0, maxNameLength), false);
  const rows = Array.from({ length: elements.length + 1 }, () =>
    new Array<boolean>(reader.length + 1).fill(false),
  );
  rows[0]![0] = true;
  for (const [index, element] of elements.entries()) {
    // Skips positions that an earlier start has already marked.
    let covered = -1;
    for (let position = 0; position <= reader.length; position++) {
      if (!rows[index]![position]) continue;
      if (element.type === 'group') rows[element.end]![position] = true;
      const ends = reader.ends(element, position);
      if ('furthest' in ends) {
        for (let end = Math.max(ends.first, covered + 1); end <= ends.furthest; end++)
          rows[index + 1]![end] = true;
        covered = Math.max(covered, ends.furthest);
      } else for (const end of ends) rows[index + 1]![end] = true;
    }
  }
  return rows;
}
