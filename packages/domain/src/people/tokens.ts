/** API tokens, which programs send instead of a session. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { lineOfText } from '../names/lines.ts';
import { maxPasswordLength } from './accounts.ts';

export const tokenNameInput = z.object({ name: lineOfText(80) });
/**
 * Creating a token requires the password, so that an unattended session cannot be turned into a permanent key. From a person
 * with a second factor it also requires a code of the app, or a recovery code.
 */
export const createTokenInput = tokenNameInput.extend({
  password: z.string({ error: 'Send the password of your account with it.' }).max(maxPasswordLength),
  code: z.string().max(60).optional(),
});
export const tokenIdInput = z.object({ tokenId: idSchema('token') });

export const tokenView = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: z.number(),
  lastUsedAt: z.number().nullable(),
});
export type TokenView = z.infer<typeof tokenView>;

/** The token is returned only once; the database keeps its hash. */
export const createdTokenView = tokenView.extend({ token: z.string() });
