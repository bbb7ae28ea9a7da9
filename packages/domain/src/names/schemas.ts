/**
 * The schemas of names and texts. They are separate from `names.ts`, so that pages which only check names load no
 * schema library.
 */
import { z } from 'zod';
import { isCleanText } from './names.ts';

export const nameSchema = z.string().max(4096);

/** Returns the schema of a text that a person types: trimmed, without control characters other than line breaks. */
export function textSchema(maxLength: number) {
  return z.string().trim().max(maxLength).refine(isCleanText, { error: 'Contains control characters.' });
}
