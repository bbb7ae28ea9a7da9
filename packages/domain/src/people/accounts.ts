/** People, their sign-in, and their views. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { localeSchema } from '../locales.ts';
import { lineOfText } from '../names/lines.ts';

const maxEmailLength = 254;
/** An e-mail address as zod's `z.email()` accepts it; browsers and mail servers agree on these. */
const emailPattern = /^(?!\.)(?!.*\.\.)([a-z0-9_'+\-.]*)[a-z0-9_+-]@([a-z0-9][a-z0-9-]*\.)+[a-z]{2,}$/i;
/**
 * Returns the address in the form that the hub stores, or null when it is invalid. For pages that must not load
 * schemas.
 */
export function emailOf(text: string): string | null {
  const email = text.trim().toLowerCase();
  return email.length <= maxEmailLength && emailPattern.test(email) ? email : null;
}
export const emailSchema = z
  .string()
  .trim()
  .toLowerCase()
  .max(maxEmailLength)
  .pipe(z.email({ pattern: emailPattern }));
/** Only the length of a password is checked; special characters are not required. */
export const minPasswordLength = 12;
/** Bounds the time that hashing takes. */
export const maxPasswordLength = 256;
export const passwordSchema = z.string().min(minPasswordLength).max(maxPasswordLength);
/** A password that is compared with the person's own. */
export const givenPasswordSchema = z.string().max(maxPasswordLength);
export const personNameSchema = lineOfText(120);

export const personView = z.object({ id: z.string(), name: z.string(), company: z.string().nullable() });
export type PersonView = z.infer<typeof personView>;
/** Null for somebody whose name the reader may not know. */
export const knownPersonView = personView.nullable();
export type KnownPersonView = z.infer<typeof knownPersonView>;

export const accountView = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  locale: localeSchema.nullable(),
  company: z.object({ id: z.string(), name: z.string() }).nullable(),
  isOwner: z.boolean(),
  /** True when the person has proved with a mailed link or code that they receive mail at the address. */
  emailProved: z.boolean(),
  /** True when the address is not proved and this hub can mail a code. */
  mayProveEmail: z.boolean(),
  /** False for a person who signs in at the OpenID provider only: a recent sign-in there stands for the password. */
  hasPassword: z.boolean(),
});
export type AccountView = z.infer<typeof accountView>;

export const userView = accountView
  .omit({ mayProveEmail: true, hasPassword: true })
  .extend({ disabledAt: z.number().nullable(), createdAt: z.number() });
export type UserView = z.infer<typeof userView>;

export const updateAccountInput = z.object({
  name: personNameSchema.optional(),
  locale: localeSchema.nullable().optional(),
});
export const changePasswordInput = z.object({
  current: givenPasswordSchema,
  next: passwordSchema,
  /** False deletes the person's API tokens when the password changes. */
  keepTokens: z.boolean().default(false),
});
/** The sessions and tokens that the password change ended. The current session stays. */
export const endedView = z.object({ sessions: z.number(), tokens: z.number() });
export type EndedView = z.infer<typeof endedView>;
/** The code from the mail; spaces and dashes are ignored. */
export const confirmEmailInput = z.object({ code: z.string().max(40) });
export const signInInput = z.object({ email: z.string().max(400), password: givenPasswordSchema });
export const userIdInput = z.object({ userId: idSchema('user') });
export const updateUserInput = userIdInput.extend({
  companyId: idSchema('company').nullable().optional(),
  disabled: z.boolean().optional(),
});

/** A session ends when unused for `idleMs`, and in any case `absoluteMs` after sign-in. */
export const sessionLimits = { idleMs: 7 * 24 * 3600_000, absoluteMs: 30 * 24 * 3600_000 };

/** How long a command lets a person sign in with the password where only an OpenID provider signs people in. */
export const passwordAllowedMs = 3600_000;
/** How recent a sign-in at the provider must be to stand for the password of a person who has none. */
export const freshSignInMs = 10 * 60_000;
