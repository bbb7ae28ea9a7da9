// Signs in with a passkey, in two requests of a script: what the browser needs, and what its passkey answered.
import { json } from '@sveltejs/kit';
import { httpStatus } from '@turnover/domain/errors';
import { passkeyAnswerSchema } from '@turnover/domain/people/passkeys';
import { z } from 'zod';
import { foreseen } from '#lib/server/failure.ts';
import { finishByPasskeyHere, passkeyOptionsHere, signInByPasskeyHere } from '#lib/server/session.ts';
import { nextPath } from '#lib/sign-in-path.ts';
import type { RequestHandler } from './$types';

const bodySchema = z.object({
  step: z.enum(['first', 'second']),
  /** Missing in the first request. */
  answer: passkeyAnswerSchema.optional(),
  next: z.string().max(4000),
});

export const POST: RequestHandler = async (event) => {
  const parsed = bodySchema.safeParse(await event.request.json().catch(() => null));
  if (!parsed.success) return json({ code: 'invalid_input', details: {} }, { status: 400 });
  const { step, answer, next } = parsed.data;
  const finish = step === 'second' ? finishByPasskeyHere : signInByPasskeyHere;
  try {
    return answer === undefined
      ? json({ options: await passkeyOptionsHere(event, step) })
      : json({ path: await finish(event, answer, nextPath(next)) });
  } catch (error) {
    const known = foreseen(error);
    if (!known) throw error;
    return json({ code: known.code, details: known.details }, { status: httpStatus[known.code] });
  }
};
