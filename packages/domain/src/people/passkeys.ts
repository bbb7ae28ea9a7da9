/** Passkeys (WebAuthn): for a sign-in without a password, and as a second factor. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { lineOfText } from '../names/lines.ts';
import { givenPasswordSchema } from './accounts.ts';

/** The most passkeys of one person. All of them are listed. */
export const maxPasskeys = 20;
/** How long a browser may take to answer. */
export const challengeMs = 5 * 60_000;

export const passkeyView = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: z.number(),
  lastUsedAt: z.number().nullable(),
});
export type PasskeyView = z.infer<typeof passkeyView>;

/** JSON, for `navigator.credentials`. */
export const passkeyOptionsView = z.object({ options: z.string() });

/**
 * Adding a passkey requires the password, so that an unattended session cannot be turned into a permanent key. From a person
 * with a second factor it also requires a code of the app, or a recovery code.
 */
export const beginPasskeyInput = z.object({
  password: givenPasswordSchema,
  code: z.string().max(60).optional(),
});

/** The answer of the browser as JSON. */
export const passkeyAnswerSchema = z.string().max(20_000);
export const addPasskeyInput = z.object({ name: lineOfText(80), answer: passkeyAnswerSchema });
export const addedPasskeyView = z.object({
  /** Recovery codes, when this is the first second factor of the person; null otherwise. */
  codes: z.array(z.string()).nullable(),
});

/** `code`: of the authenticator app, or a recovery code. */
export const removePasskeyInput = z.object({
  passkeyId: idSchema('passkey'),
  password: givenPasswordSchema,
  code: z.string().max(60),
});

const base64url = z
  .string()
  .max(16_000)
  .regex(/^[\w-]*$/);
const answerBase = { id: base64url, rawId: base64url, type: z.literal('public-key') };
/** What is read of a browser's answers. Everything else in them is dropped. */
export const registrationSchema = z.object({
  ...answerBase,
  response: z.object({
    clientDataJSON: base64url,
    attestationObject: base64url,
    transports: z.array(z.string().max(40)).max(20).default([]),
  }),
});
export const assertionSchema = z.object({
  ...answerBase,
  response: z.object({ clientDataJSON: base64url, authenticatorData: base64url, signature: base64url }),
});
