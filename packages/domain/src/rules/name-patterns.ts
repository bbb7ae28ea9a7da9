/**
 * Turnover's own language for name patterns: plain text matches itself, `{show:letters(2-5)}` is a named part, `[…]` is
 * optional. No repetition contains another one, so matching is fast; see `name-matching.ts`.
 */

/** `min` and `max` count characters. */
export type NamePart =
  | { type: 'literal'; text: string }
  | { type: 'part'; name: string; kind: PartKind; min: number; max: number }
  | { type: 'choice'; name: string; choices: string[] }
  /** An optional group. `end`: the index of the element after it. */
  | { type: 'group'; end: number };

/** `word`: letters, digits and hyphens; `words`: also `_`; `version`: a `v` and digits. */
export const partKinds = ['letters', 'digits', 'word', 'words', 'version', 'any'] as const;
export type PartKind = (typeof partKinds)[number];

/** The elements of a group follow it, up to its `end`. */
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
/** Longer names match no pattern. This is the maximum length of a path in a delivery. */
export const maxNameLength = 256;

/** Returns the compiled pattern, or its first problem and the position of it. */
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

/** Returns a name that matches, with text for every part, including optional ones that say something. */
export function exampleName({ elements }: NamePattern): string {
  return elements
    .map((element, index) => {
      if (element.type === 'group' || isOptionalFiller(elements, index)) return '';
      if (element.type === 'literal') return element.text;
      if (element.type === 'choice') return element.choices[0]!;
      return exampleOf(element);
    })
    .join('');
}

/** True for a part of any text that makes up a whole optional group, as in `[{before:any}]PKL.xml`. */
function isOptionalFiller(elements: readonly NamePart[], index: number): boolean {
  const [group, part] = [elements[index - 1], elements[index]!];
  return group?.type === 'group' && group.end === index + 1 && part.type === 'part' && part.kind === 'any';
}

function exampleOf({ name, kind, min, max }: Extract<NamePart, { type: 'part' }>): string {
  const known = usualValues[name.toLowerCase()];
  const fits =
    known !== undefined && known.length >= min && known.length <= max && usualKinds[kind].test(known);
  return fits ? known : examples[kind](Math.min(Math.max(min, usualLength[kind]), max));
}

/** Usual values by the name of a part, so that an example does not show a rate of 101 kHz. */
const usualValues: Record<string, string> = {
  rate: '48',
  bits: '24',
  frame: '00086400',
  language: 'EN',
  region: 'US',
  episode: '203',
  stem: 'DX',
  vendor: 'ABC',
};

const usualKinds: Record<PartKind, RegExp> = {
  letters: /^[a-z]+$/i,
  digits: /^\d+$/,
  word: /^[a-z0-9-]+$/i,
  words: /^[a-z0-9_-]+$/i,
  version: /^v\d+$/i,
  any: /./,
};

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
  // The length of a version counts its digits; the `v` is added.
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
