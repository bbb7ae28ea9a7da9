/**
 * People mentioned in a text: tokens with an id, `<@usr_…>`, that somebody picked. Whatever else is written is text, an `@` with a name
 * too, and tells nobody.
 */
import { isId } from '../ids.ts';

export type Mentioned = { id: string; name: string };
export type TextPart = { text: string } | { mention: Mentioned };

export function mentionToken(id: string): string {
  return `<@${id}>`;
}

const tokens = /<@(usr_[a-z2-7]{26})>/g;

/** Each once, in the order of the text. */
export function mentionedIds(text: string): string[] {
  return [...new Set([...text.matchAll(tokens)].map(([, id]) => id!).filter((id) => isId('user', id)))];
}

/**
 * The text in parts that a page shows one by one, with the names that people have now. Those who are mentioned beside the text,
 * as comments had it before there were tokens, are found by `@` and their name.
 */
export function textParts(text: string, mentioned: readonly Mentioned[]): TextPart[] {
  const known = new Map(mentioned.map((person) => [person.id, person]));
  const beside = mentioned.filter(({ id }) => !text.includes(mentionToken(id)));
  const parts: TextPart[] = [];
  let from = 0;
  for (const match of text.matchAll(tokens)) {
    const person = known.get(match[1]!);
    if (!person) continue;
    parts.push(...namedParts(text.slice(from, match.index), beside), { mention: person });
    from = match.index + match[0].length;
  }
  parts.push(...namedParts(text.slice(from), beside));
  return parts.filter((part) => 'mention' in part || part.text !== '');
}

/** As a mail or a line of a list has it: `@Ana Ruiz` in the place of the token. */
export function withNames(text: string, mentioned: readonly Mentioned[]): string {
  const names = new Map(mentioned.map(({ id, name }) => [id, name]));
  return text.replace(tokens, (token, id: string) => (names.has(id) ? `@${names.get(id)}` : token));
}

/** As many characters as a reader sees, a mention counted as one. */
export function writtenLength(text: string): number {
  return text.replace(tokens, '@').length;
}

/** Of `@Ana` and `@Ana Ruiz` the longer one; an `@` within a word is none. */
function namedParts(text: string, people: readonly Mentioned[]): TextPart[] {
  const longest = people.toSorted((one, other) => other.name.length - one.name.length);
  const parts: TextPart[] = [];
  let from = 0;
  for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
    const person = longest.find(({ name }) => text.startsWith(name, at + 1));
    const end = at + 1 + (person?.name.length ?? 0);
    if (!person || isWordCharacter(text[at - 1]) || isWordCharacter(text[end])) continue;
    parts.push({ text: text.slice(from, at) }, { mention: person });
    from = end;
    at = end - 1;
  }
  return [...parts, { text: text.slice(from) }];
}

function isWordCharacter(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}_]/u.test(character);
}
