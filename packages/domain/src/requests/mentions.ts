/**
 * Mentions in a text: a token `<@usr_…>` for each person that the author picked from the list. Everything else is plain text,
 * also an `@` with a name, and notifies nobody.
 */
import { isId } from '../ids.ts';

export type Mentioned = { id: string; name: string };
export type TextPart = { text: string } | { mention: Mentioned };

export function mentionToken(id: string): string {
  return `<@${id}>`;
}

const tokens = /<@(usr_[a-z2-7]{26})>/g;

/** Returns the ids of the mentioned people, each once, in the order of the text. */
export function mentionedIds(text: string): string[] {
  return [...new Set([...text.matchAll(tokens)].map(([, id]) => id!).filter((id) => isId('user', id)))];
}

/**
 * Splits the text into plain text and mentions, with people's current names. Older comments list their mentions outside the
 * text: those are found by `@` and the name.
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

/** Replaces tokens by names, for mails and lists: `@Ana Ruiz`. Tokens of other people stay. */
export function withNames(text: string, mentioned: readonly Mentioned[]): string {
  const names = new Map(mentioned.map(({ id, name }) => [id, name]));
  return text.replace(tokens, (token, id: string) => (names.has(id) ? `@${names.get(id)}` : token));
}

/** Returns the length of the text in UTF-16 units; a mention counts as one. */
export function writtenLength(text: string): number {
  return text.replace(tokens, '@').length;
}

/**
 * Finds `@` with a name in plain text. The longest name wins (`@Ana Ruiz` over `@Ana`); an `@` within a word does not
 * count.
 */
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
