/** Why the server refused a form: an error code, and the invalid fields. */
import type { ErrorCode, ErrorDetails } from '@turnover/domain/errors';
import * as m from '@turnover/messages/messages';
import { wordsFor } from '#lib/error-words.ts';
import { wordsForLine } from '#lib/line-words.ts';

export type FormFailure = {
  code: ErrorCode;
  details: ErrorDetails;
  fields: string[];
  values: Record<string, string>;
};

const fieldWords: Record<string, () => string> = {
  name: m.form_name_missing,
  email: m.form_email_invalid,
  password: m.form_password_length,
};

export function wordsForField(failure: FormFailure | null | undefined, field: string): string | undefined {
  if (!failure?.fields.includes(field)) return undefined;
  if (failure.code !== 'invalid_input') return wordsFor(failure);
  const line = field === 'name' && failure.details.problem !== 'empty' && wordsForLine(failure.details);
  return line || fieldWords[field]?.();
}

/** Returns the error of the form as a whole, when no field shows it. */
export function wordsForForm(failure: FormFailure | null | undefined): string | undefined {
  return failure && failure.fields.length === 0 ? wordsFor(failure) : undefined;
}
