/**
 * Text that is one line: names of people, companies, projects, requests, types, reasons and tokens, and short reasons. It
 * stands in tables, in subjects of mails and in the history, so a break, or a character that hides or turns what is
 * beside it, would make it say something else there.
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
  /** What the character is called: `U+202E RLO`. */
  character?: string;
  /** Of a line that is too long. */
  length?: number;
};

const lineBreak = /[\n\r\v\f\u0085\u2028\u2029]/;

/** Not an accent without its letter or a letter of another alphabet: those are seen, and some names have them. */
const refusedKinds: Partial<Record<HiddenKind, LineProblem>> = {
  zero_width: 'hidden',
  tag: 'hidden',
  filler: 'hidden',
  control: 'hidden',
  private: 'hidden',
  direction: 'direction',
};

/** As it is stored: without blanks at both ends, any other kind of space as a plain one, in composed form. */
export function tidyLine(text: string): string {
  return [...text]
    .map((letter) => (isOtherSpace(letter) ? ' ' : letter))
    .join('')
    .trim()
    .normalize('NFC');
}

/** Why a tidied text cannot stand as one line; null when it can. */
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

/** English sentence that says what to change. */
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

/** Of an issue of `lineOfText`: what completes the sentence shown to people. */
export function lineDetails(issue: z.core.$ZodIssue | undefined): Record<string, string | number> {
  if (issue?.code !== 'custom') return {};
  return { ...(issue.params?.line as (LineFinding & { maxLength: number }) | undefined) };
}

/** `optional`: it may be left empty. */
export function lineOfText(maxLength: number, { optional = false }: { optional?: boolean } = {}) {
  return (
    z
      .string()
      // Room for blanks that are taken away; what is far too long is not even looked through.
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
