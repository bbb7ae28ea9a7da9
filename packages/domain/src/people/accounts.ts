/** People, their sign-in, and their views. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { localeSchema } from '../locales.ts';
import { lineOfText } from '../names/lines.ts';

const maxEmailLength = 254;
/** The address that browsers and mail servers agree on, as zod's `z.email()` reads it. */
const emailPattern = /^(?!\.)(?!.*\.\.)([a-z0-9_'+\-.]*)[a-z0-9_+-]@([a-z0-9][a-z0-9-]*\.)+[a-z]{2,}$/i;
/** The address in the form that the hub stores, or null. For pages, which load no schemas. */
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
/** Length counts instead of special characters. */
export const minPasswordLength = 12;
/** Limits the work of hashing. */
export const maxPasswordLength = 256;
export const passwordSchema = z.string().min(minPasswordLength).max(maxPasswordLength);
export const personNameSchema = lineOfText(120);

export const personView = z.object({ id: z.string(), name: z.string(), company: z.string().nullable() });
export type PersonView = z.infer<typeof personView>;
/** Null: somebody whose name the reader may not know. */
export const knownPersonView = personView.nullable();
export type KnownPersonView = z.infer<typeof knownPersonView>;

export const accountView = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  locale: localeSchema.nullable(),
  company: z.object({ id: z.string(), name: z.string() }).nullable(),
  isOwner: z.boolean(),
  /** True when they have shown, by a mailed link or code, that they read mail at the address. */
  emailProved: z.boolean(),
  /** True when the address is not proved and this hub can mail a code. */
  mayProveEmail: z.boolean(),
});
export type AccountView = z.infer<typeof accountView>;

export const userView = accountView
  .omit({ mayProveEmail: true })
  .extend({ disabledAt: z.number().nullable(), createdAt: z.number() });
export type UserView = z.infer<typeof userView>;

export const updateAccountInput = z.object({
  name: personNameSchema.optional(),
  locale: localeSchema.nullable().optional(),
});
export const changePasswordInput = z.object({
  current: z.string().max(256),
  next: passwordSchema,
  /** API tokens end with the password unless the person keeps them. */
  keepTokens: z.boolean().default(false),
});
/** What ended with the password. The current session stays. */
export const endedView = z.object({ sessions: z.number(), tokens: z.number() });
export type EndedView = z.infer<typeof endedView>;
/** As it was mailed; spaces and dashes do not matter. */
export const confirmEmailInput = z.object({ code: z.string().max(40) });
export const signInInput = z.object({ email: z.string().max(400), password: z.string().max(400) });
export const userIdInput = z.object({ userId: idSchema('user') });
export const updateUserInput = userIdInput.extend({
  companyId: idSchema('company').nullable().optional(),
  disabled: z.boolean().optional(),
});

/** A session ends when unused for `idleMs`, and in any case `absoluteMs` after sign-in. */
export const sessionLimits = { idleMs: 7 * 24 * 3600_000, absoluteMs: 30 * 24 * 3600_000 };
