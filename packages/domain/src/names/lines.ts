/**
 * Text of one line: names of people, companies, projects, requests, types, reasons and tokens, and short reasons. Such
 * text appears in tables, mail subjects and the history, where a line break, or a character that hides or reverses the
 * text around it, would falsify the line.
 */
import { z } from 'zod';
import { hiddenIn, isBlank, isOtherSpace, type HiddenKind } from './hidden-characters.ts';

export const lineProblems = [
  'empty',
  'line_break',
  'hidden',
  'direction',
  'too_long',
  'not_unicode',
] as const;
export type LineProblem = (typeof lineProblems)[number];

export type LineFinding = {
  problem: LineProblem;
  /** Code and label of the refused character: `U+202E RLO`. */
  character?: string;
  /** Length of a line that is too long, in UTF-16 units. */
  length?: number;
};

const lineBreak = /[\n\r\v\f\u0085\u2028\u2029]/;

/** Accents without a letter and letters of other alphabets are allowed: they can be seen, and some names have them. */
const refusedKinds: Partial<Record<HiddenKind, LineProblem>> = {
  zero_width: 'hidden',
  tag: 'hidden',
  filler: 'hidden',
  control: 'hidden',
  private: 'hidden',
  direction: 'direction',
};

/**
 * Returns the text as it is stored: trimmed, with every kind of space replaced by a plain one, in Unicode's composed
 * form (NFC).
 */
export function tidyLine(text: string): string {
  return [...text]
    .map((letter) => (isOtherSpace(letter) ? ' ' : letter))
    .join('')
    .trim()
    .normalize('NFC');
}

/** Returns why a tidied text is not allowed as a line; null when it is allowed. `maxLength` counts UTF-16 units. */
export function lineProblem(text: string, maxLength: number): LineFinding | null {
  if (!text.isWellFormed()) return { problem: 'not_unicode' };
  if (lineBreak.test(text)) return { problem: 'line_break' };
  for (const { kind, code, label } of hiddenIn(text)) {
    const problem = refusedKinds[kind];
    if (problem) return { problem, character: label === code ? code : `${code} ${label}` };
  }
  if ([...text].every(isBlank)) return { problem: 'empty' };
  return text.length > maxLength ? { problem: 'too_long', length: text.length } : null;
}

/** Returns an English sentence that says what to change. */
export function describeLineProblem({ problem, character, length }: LineFinding, maxLength: number): string {
  const sentences: Record<LineProblem, string> = {
    empty: 'Write at least one visible character.',
    line_break: 'Write it on one line: remove the line breaks.',
    hidden: `Remove the character ${character}: it is invisible.`,
    direction: `Remove the character ${character}: it turns the direction of the text around it.`,
    too_long: `Shorten it to at most ${maxLength} characters; it has ${length}.`,
    not_unicode: 'It is not valid Unicode text.',
  };
  return sentences[problem];
}

/** Reads the finding of an issue from `lineOfText`, to complete the sentence that people see. Empty for other issues. */
export function lineDetails(issue: z.core.$ZodIssue | undefined): Record<string, string | number> {
  if (issue?.code !== 'custom') return {};
  return { ...(issue.params?.line as (LineFinding & { maxLength: number }) | undefined) };
}

/** The schema of a line of text. `maxLength` counts UTF-16 units; `optional` allows empty text. */
export function lineOfText(maxLength: number, { optional = false }: { optional?: boolean } = {}) {
  return (
    z
      .string()
      // Leaves room for spaces that are trimmed. Rejects far longer text without reading it.
      .max(maxLength * 2 + 100, { abort: true, error: `Shorten it to at most ${maxLength} characters.` })
      .overwrite(tidyLine)
      .superRefine((text, context) => {
        if (optional && text === '') return;
        const found = lineProblem(text, maxLength);
        if (!found) return;
        const message = describeLineProblem(found, maxLength);
        context.addIssue({ code: 'custom', message, params: { line: { ...found, maxLength } } });
      })
  );
}
