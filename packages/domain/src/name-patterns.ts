/**
 * Patterns of names, in a language of our own: what is written stands for itself, `{show:letters(2-5)}` is a part with a
 * name, `[…]` may be left out. There is no repetition of repetitions in it, and a name is matched in one pass over its
 * positions for each element, so that no pattern can explode.
 */

/** `min` and `max` count characters. */
export type NamePart =
  | { type: 'literal'; text: string }
  | { type: 'part'; name: string; kind: PartKind; min: number; max: number }
  | { type: 'choice'; name: string; choices: string[] }
  /** `end`: index of the element after the group. */
  | { type: 'group'; end: number };

/** `word`: letters, digits and hyphens; `words`: those and `_`; `version`: a v and digits. */
export const partKinds = ['letters', 'digits', 'word', 'words', 'version', 'any'] as const;
export type PartKind = (typeof partKinds)[number];

/** Elements in their order; what is in a group follows it, up to its `end`. */
export type NamePattern = { text: string; elements: NamePart[] };

export const namePatternProblems = [
  'empty',
  'too_long',
  'too_many_parts',
  'unclosed_part',
  'unclosed_group',
  'unopened',
  'too_deep',
  'bad_part_name',
  'repeated_part_name',
  'unknown_kind',
  'bad_length',
  'empty_choice',
] as const;
export type NamePatternProblem = { problem: (typeof namePatternProblems)[number]; position: number };

export const maxPatternLength = 500;
const maxElements = 80;
const maxDepth = 2;
/** Longer names match no pattern: a path of a delivery has at most so many characters. */
const maxNameLength = 256;

/** The pattern, or the first thing that is wrong with it and where. */
export function compileNamePattern(text: string): { pattern: NamePattern } | NamePatternProblem {
  if (text.trim() === '') return { problem: 'empty', position: 0 };
  if (text.length > maxPatternLength) return { problem: 'too_long', position: maxPatternLength };
  const elements: NamePart[] = [];
  const open: number[] = [];
  const names = new Set<string>();
  let position = 0;
  while (position < text.length) {
    if (elements.length > maxElements) return { problem: 'too_many_parts', position };
    const character = text[position]!;
    if (character === '{') {
      const end = text.indexOf('}', position);
      if (end < 0) return { problem: 'unclosed_part', position };
      const part = readPart(text.slice(position + 1, end));
      if (typeof part === 'string') return { problem: part, position };
      if (names.has(part.name)) return { problem: 'repeated_part_name', position };
      names.add(part.name);
      elements.push(part);
      position = end + 1;
    } else if (character === '[') {
      if (open.length >= maxDepth) return { problem: 'too_deep', position };
      open.push(elements.length);
      elements.push({ type: 'group', end: 0 });
      position += 1;
    } else if (character === ']') {
      const start = open.pop();
      if (start === undefined) return { problem: 'unopened', position };
      elements[start] = { type: 'group', end: elements.length };
      position += 1;
    } else if (character === '}') {
      return { problem: 'unopened', position };
    } else {
      const [literal = character] = /^[^{}[\]]+/.exec(text.slice(position)) ?? [];
      elements.push({ type: 'literal', text: literal });
      position += literal.length;
    }
  }
  if (open.length > 0) return { problem: 'unclosed_group', position: text.length };
  return { pattern: { text, elements } };
}

/** What stands in each named part of the name, or null when the name is no such name. Case does not matter. */
export function matchName(pattern: NamePattern, name: string): Record<string, string> | null {
  const spans = findSpans(pattern.elements, name);
  if (!spans) return null;
  const values: Record<string, string> = {};
  for (const { element, start, end } of spans) {
    if (element.type === 'part' || element.type === 'choice') values[element.name] = name.slice(start, end);
  }
  return values;
}

/** Where the name stops being one of the pattern, and what was expected there; null: it is one. */
export function nameMismatch(
  pattern: NamePattern,
  name: string,
): { position: number; expected: NamePart | null } | null {
  if (findSpans(pattern.elements, name)) return null;
  // As many elements as fitted, the last of them as long as it could be.
  const rows = reachable(pattern.elements, name);
  const index = rows.findLastIndex((positions) => positions.includes(true));
  return { position: rows[index]!.lastIndexOf(true), expected: pattern.elements[index] ?? null };
}

/** A name that matches, with something in every part. */
export function exampleName({ elements }: NamePattern): string {
  return elements
    .map((element) => {
      if (element.type === 'group') return '';
      if (element.type === 'literal') return element.text;
      if (element.type === 'choice') return element.choices[0]!;
      return examples[element.kind](Math.min(Math.max(element.min, usualLength[element.kind]), element.max));
    })
    .join('');
}

/**
 * The nearest name that matches: other separators, another case, numbers without their leading zeros and an extension in
 * capitals are put right. Null when that is not enough, or nothing is wrong.
 */
export function suggestName(pattern: NamePattern, name: string): string | null {
  const tidy = name.normalize('NFKD').replace(/\p{M}/gu, '').trim();
  const spans = findSpans(pattern.elements, tidy, true);
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

function readPart(text: string): Extract<NamePart, { name: string }> | NamePatternProblem['problem'] {
  const [, name = '', spec] = /^([^:]*)(?::(.*))?$/s.exec(text) ?? [];
  if (!/^[a-z][a-z0-9 _-]{0,29}$/i.test(name)) return 'bad_part_name';
  if (spec === undefined) return { type: 'part', name, kind: 'word', min: 1, max: maxNameLength };
  if (spec.includes('|')) {
    const choices = spec.split('|');
    const isBad = choices.some((choice) => choice === '' || /[/\\[\]{}]/.test(choice));
    return isBad || choices.length > 100 ? 'empty_choice' : { type: 'choice', name, choices };
  }
  const [, kind, from, to] = /^([a-z]+)(?:\((\d{1,3})(?:-(\d{1,3}))?\))?$/.exec(spec) ?? [];
  const known = partKinds.find((each) => each === kind);
  if (!known) return 'unknown_kind';
  // A version is counted by its digits, and has its v besides.
  const [shortest, longest] = known === 'version' ? [2, 6] : [1, maxNameLength];
  const min = from === undefined ? shortest : Number(from);
  const max = to === undefined ? (from === undefined ? longest : min) : Number(to);
  if (min < 1 || max < min || max > maxNameLength) return 'bad_length';
  const more = known === 'version' ? 1 : 0;
  return { type: 'part', name, kind: known, min: min + more, max: max + more };
}

const usualLength: Record<PartKind, number> = {
  letters: 4,
  digits: 3,
  word: 4,
  words: 4,
  version: 3,
  any: 4,
};

const examples: Record<PartKind, (length: number) => string> = {
  letters: (length) => repeat('SHOW', length),
  digits: (length) => repeat('101', length),
  word: (length) => repeat('Name', length),
  words: (length) => repeat('name', length),
  version: (length) => `v${repeat('01', length - 1)}`,
  any: (length) => repeat('name', length),
};

function repeat(text: string, length: number): string {
  return text.repeat(Math.ceil(length / text.length)).slice(0, length);
}

const characters: Record<PartKind, RegExp> = {
  letters: /[a-z]/i,
  digits: /[0-9]/,
  word: /[a-z0-9-]/i,
  words: /[a-z0-9_-]/i,
  version: /[0-9]/,
  any: /[^/\\]/,
};
const separators = /[ ._-]/;

type Span = { element: NamePart; start: number; end: number };
/** Where an element may end that begins at a position: some positions, the furthest first, or a range of them. */
type Ends = readonly number[] | { first: number; furthest: number };
type EndsOf = (element: NamePart, start: number) => Ends;

/** `isLenient`: with other separators, and numbers without their leading zeros. */
function readerOf(name: string, isLenient: boolean): EndsOf {
  const runs = new Map<PartKind, Int16Array>();
  const runsOf = (kind: PartKind) => {
    const known = runs.get(kind) ?? countRuns(kind, name, isLenient);
    runs.set(kind, known);
    return known;
  };
  return (element, start) => {
    if (element.type === 'group') return [start];
    if (element.type === 'literal') {
      return isLiteralAt(element.text, name, start, isLenient) ? [start + element.text.length] : [];
    }
    if (element.type === 'choice') {
      return element.choices
        .filter((choice) => isLiteralAt(choice, name, start, false))
        .map((choice) => start + choice.length)
        .sort((one, other) => other - one);
    }
    const { kind, max } = element;
    const isNumber = kind === 'digits' || kind === 'version';
    const min = isLenient && isNumber ? (kind === 'version' ? 2 : 1) : element.min;
    const run = Math.min(runsOf(kind)[start]!, max);
    return run < min ? [] : { first: start + min, furthest: start + run };
  };
}

function isLiteralAt(text: string, name: string, start: number, isLenient: boolean): boolean {
  if (start + text.length > name.length) return false;
  for (let index = 0; index < text.length; index++) {
    const [wanted, there] = [text[index]!, name[start + index]!];
    if (wanted === there || wanted.toLowerCase() === there.toLowerCase()) continue;
    if (!isLenient || !separators.test(there) || !separators.test(wanted)) return false;
  }
  return true;
}

/** At each position, how many characters from there on are of the kind. */
function countRuns(kind: PartKind, name: string, isLenient: boolean): Int16Array {
  const fits = (character: string) =>
    characters[kind].test(character) || (isLenient && kind === 'words' && character === ' ');
  const runs = new Int16Array(name.length + 1);
  for (let position = name.length - 1; position >= 0; position--) {
    const rest = runs[position + 1]!;
    runs[position] = fits(name[position]!) ? rest + 1 : 0;
  }
  if (kind !== 'version') return runs;
  return runs.map((_, position) =>
    position < name.length && name[position]!.toLowerCase() === 'v' ? runs[position + 1]! + 1 : 0,
  );
}

/** From the end: whether the rest of the pattern can be the rest of the name. Then forward, each part as long as it can be. */
function findSpans(elements: readonly NamePart[], name: string, isLenient = false): Span[] | null {
  if (name.length > maxNameLength) return null;
  const endsOf = readerOf(name, isLenient);
  // `last[i][p]`: the furthest position up to p at which element i can begin so that all ends well; -1: none.
  const last = Array.from({ length: elements.length + 1 }, () => new Int16Array(name.length + 1));
  const isGood = (index: number, position: number) => last[index]![position] === position;
  const bestEnd = (index: number, position: number) =>
    furthestOf(endsOf(elements[index]!, position), last[index + 1]!);
  for (let index = elements.length; index >= 0; index--) {
    const element = elements[index];
    let furthest = -1;
    for (let position = 0; position <= name.length; position++) {
      const isEnd = element === undefined && position === name.length;
      const isSkipped = element?.type === 'group' && isGood(element.end, position);
      if (isEnd || isSkipped || (element && bestEnd(index, position) >= 0)) furthest = position;
      last[index]![position] = furthest;
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
    const end = bestEnd(index, position);
    spans.push({ element, start: position, end });
    position = end;
    index += 1;
  }
  return spans;
}

/** The furthest of the ends from which the rest can go on; -1: none. */
function furthestOf(ends: Ends, lastOfNext: Int16Array): number {
  if ('furthest' in ends) {
    const end = lastOfNext[ends.furthest]!;
    return end >= ends.first ? end : -1;
  }
  return ends.find((end) => lastOfNext[end] === end) ?? -1;
}

/** Forward: at which positions each element can begin. */
function reachable(elements: readonly NamePart[], name: string): boolean[][] {
  const cut = name.slice(0, maxNameLength);
  const endsOf = readerOf(cut, false);
  const rows = Array.from({ length: elements.length + 1 }, () =>
    new Array<boolean>(cut.length + 1).fill(false),
  );
  rows[0]![0] = true;
  for (const [index, element] of elements.entries()) {
    // What an earlier position covered is not marked again.
    let covered = -1;
    for (let position = 0; position <= cut.length; position++) {
      if (!rows[index]![position]) continue;
      if (element.type === 'group') rows[element.end]![position] = true;
      const ends = endsOf(element, position);
      if ('furthest' in ends) {
        for (let end = Math.max(ends.first, covered + 1); end <= ends.furthest; end++)
          rows[index + 1]![end] = true;
        covered = Math.max(covered, ends.furthest);
      } else for (const end of ends) rows[index + 1]![end] = true;
    }
  }
  return rows;
}
