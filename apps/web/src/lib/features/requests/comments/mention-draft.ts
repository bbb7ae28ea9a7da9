/** The draft of a comment: the visible text, and the ranges that are mentions because somebody picked them. */
import { mentionToken, textParts, type Mentioned } from '@turnover/domain/requests/mentions';

export type Mark = Mentioned & { start: number; end: number };
export type Draft = { text: string; marks: readonly Mark[] };
/** The text after the `@` at `start`, which may become a mention. */
export type Begun = { start: number; query: string };

export const emptyDraft: Draft = { text: '', marks: [] };
const maxOffered = 6;
const longestQuery = 40;

export function draftOf(text: string, mentioned: readonly Mentioned[]): Draft {
  let written = '';
  const marks: Mark[] = [];
  for (const part of textParts(text, mentioned)) {
    if ('text' in part) written += part.text;
    else {
      const start = written.length;
      written += `@${part.mention.name}`;
      marks.push({ ...part.mention, start, end: written.length });
    }
  }
  return { text: written, marks };
}

/** Returns the text to store, with a token for each mention. */
export function storedText({ text, marks }: Draft): string {
  let stored = '';
  let from = 0;
  for (const { start, end, id } of marks) {
    stored += text.slice(from, start) + mentionToken(id);
    from = end;
  }
  return stored + text.slice(from);
}

/**
 * Returns the draft after an edit that left the caret behind it. A mention that the edit touched becomes plain text.
 */
export function edited({ text, marks }: Draft, next: string, caret: number): Draft {
  const longest = Math.min(text.length, next.length);
  let behind = 0;
  const maxBehind = Math.min(longest, next.length - caret);
  while (behind < maxBehind && text.at(-1 - behind) === next.at(-1 - behind)) behind++;
  let before = 0;
  while (before < longest - behind && text[before] === next[before]) before++;
  const changedTo = text.length - behind;
  const shift = next.length - text.length;
  const kept = marks.flatMap((mark): Mark[] => {
    // Text directly before or after a mention, such as a genitive s, does not change it.
    if (mark.end <= before) return [mark];
    if (mark.start >= changedTo) return [{ ...mark, start: mark.start + shift, end: mark.end + shift }];
    return [];
  });
  return { text: next, marks: kept.filter(({ start, end, name }) => next.slice(start, end) === `@${name}`) };
}

/**
 * Returns the mention that is being typed at the caret; null when there is none. An `@` within a word, as in an e-mail
 * address, starts none.
 */
export function begunAt({ text, marks }: Draft, caret: number): Begun | null {
  const start = text.lastIndexOf('@', caret - 1);
  if (start === -1 || caret - start > longestQuery || isWordCharacter(text[start - 1])) return null;
  if (marks.some((mark) => mark.start <= start && start < mark.end)) return null;
  const query = text.slice(start + 1, caret);
  return /\n|\s$|^\s/.test(query) ? null : { start, query };
}

/** Returns the people with a name that starts with the query, ignoring case and accents. */
export function offeredFor<Person extends Mentioned>(query: string, people: readonly Person[]): Person[] {
  const wanted = folded(query);
  const offered = people.filter(({ name }) => {
    const words = folded(name).split(' ');
    return words.some((_, index) => words.slice(index).join(' ').startsWith(wanted));
  });
  return offered.slice(0, maxOffered);
}

/** Replaces the typed text by the person's name and a space, and returns the new caret. */
export function picked(
  { text, marks }: Draft,
  { start, query }: Begun,
  { id, name }: Mentioned,
): { draft: Draft; caret: number } {
  const end = start + 1 + query.length;
  const space = text[end] === undefined || isWordCharacter(text[end]) ? ' ' : '';
  const inserted = `@${name}`;
  const shift = inserted.length + space.length - (end - start);
  const others = marks.map((mark) =>
    mark.start >= end ? { ...mark, start: mark.start + shift, end: mark.end + shift } : mark,
  );
  const mark = { id, name, start, end: start + inserted.length };
  return {
    draft: {
      text: text.slice(0, start) + inserted + space + text.slice(end),
      marks: [...others, mark].toSorted((one, other) => one.start - other.start),
    },
    caret: mark.end + (space || text[end] === ' ' ? 1 : 0),
  };
}

/** Returns the mention directly before the caret, which one key press deletes completely. */
export function markBefore({ marks }: Draft, caret: number): Mark | undefined {
  return marks.find(({ end }) => end === caret);
}

function folded(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

function isWordCharacter(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}_]/u.test(character);
}
