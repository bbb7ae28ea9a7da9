/** The texts of an external stage: plain text of one line, in the languages of the hub. */
import { z } from 'zod';

export const maxStageTextLength = 200;
export const maxStageFacts = 32;

/** Invisible characters: control characters, and marks that change the direction of the text around them. */
const unseen = /[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/gu;

const line = z
  .string()
  .trim()
  .min(1)
  .max(maxStageTextLength)
  .refine((text) => text.search(unseen) === -1, 'must be one line without control characters');

/** English replaces a language that is missing. */
export const stageText = z.strictObject({ en: line, 'es-419': line.optional() });
export type StageText = z.infer<typeof stageText>;

/** Returns one line of plain text, with invisible characters replaced by U+FFFD. */
export function plainLine(text: string): string {
  return text.replace(unseen, '\uFFFD');
}

/** The texts of one run for its page: the name of the stage, its outcome, and the labels of its facts. */
export const stageRunWords = z.object({
  name: stageText,
  /** Why the stage failed or was skipped; null when the words are Turnover's own. */
  outcome: stageText.nullable(),
  facts: z.record(z.string(), stageText),
});
export type StageRunWords = z.infer<typeof stageRunWords>;
