/** API tokens: what a program shows instead of a session. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { lineOfText } from '../names/lines.ts';

export const tokenNameInput = z.object({ name: lineOfText(80) });
/** The password of the caller's account: a session that was left open must not become a key that lasts. */
export const createTokenInput = tokenNameInput.extend({
  password: z.string({ error: 'Send the password of your account with it.' }).max(256),
});
export const tokenIdInput = z.object({ tokenId: idSchema('token') });

export const tokenView = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: z.number(),
  lastUsedAt: z.number().nullable(),
});
export type TokenView = z.infer<typeof tokenView>;

/** The token itself is told once, at its making; afterwards only its hash exists. */
export const createdTokenView = tokenView.extend({ token: z.string() });
