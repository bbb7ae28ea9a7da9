// Forms that work without JavaScript: parsed by a schema, run, and answered with their errors.
import { fail, redirect, type ActionFailure, type RequestEvent } from '@sveltejs/kit';
import { HubError, httpStatus } from '@turnover/domain/errors';
import { lineDetails } from '@turnover/domain/names/lines';
import type { z } from 'zod';
import type { FormFailure } from '#lib/features/accounts/form-failure.ts';
import { foreseen } from './failure.ts';

/**
 * Handles a form. `act` returns the address to redirect to, or what the page shows now. A failure returns the typed values,
 * except passwords.
 */
export async function answerForm<Schema extends z.ZodType>(
  event: RequestEvent,
  schema: Schema,
  act: (input: z.output<Schema>) => Promise<string>,
): Promise<ActionFailure<FormFailure>>;
export async function answerForm<Schema extends z.ZodType, Shown extends object>(
  event: RequestEvent,
  schema: Schema,
  act: (input: z.output<Schema>) => Promise<Shown>,
): Promise<ActionFailure<FormFailure> | Shown>;
export async function answerForm(
  event: RequestEvent,
  schema: z.ZodType,
  act: (input: unknown) => Promise<string | object>,
): Promise<ActionFailure<FormFailure> | object> {
  const { password = '', ...values } = textsOf(await event.request.formData());
  const parsed = schema.safeParse({ ...values, password });
  if (!parsed.success) {
    const fields = parsed.error.issues.map(({ path }) => String(path[0]));
    const details = lineDetails(parsed.error.issues[0]);
    return fail(400, { code: 'invalid_input', details, fields, values });
  }
  const outcome = await act(parsed.data).catch((error: unknown) => {
    const known = foreseen(error);
    if (known) return known;
    throw error;
  });
  if (typeof outcome === 'string') redirect(303, outcome);
  if (!(outcome instanceof HubError)) return outcome;
  const { code, details } = outcome;
  const isOfEmail = code === 'email_taken' || code === 'email_not_invited';
  return fail(httpStatus[code], { code, details, fields: isOfEmail ? ['email'] : [], values });
}

function textsOf(form: FormData): Record<string, string> {
  const texts = [...form].filter((pair): pair is [string, string] => typeof pair[1] === 'string');
  return Object.fromEntries(texts);
}
