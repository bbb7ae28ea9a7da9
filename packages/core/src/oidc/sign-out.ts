/** Signs out here, and at the OpenID provider where the person signed in. */
import { eq } from 'drizzle-orm';
import type { Database } from '@turnover/db/open';
import { signIns } from '@turnover/db/schema/accounts';
import type { Context } from '../context.ts';
import { findHubKey } from '../hub-key.ts';
import { signOut } from '../people/sign-in.ts';
import { hashSecret } from '../secrets.ts';

/**
 * Ends the session, whatever the provider does. Returns where the browser signs out at the provider; null after another sign-in,
 * or when the provider offers nothing or is down. It sends the browser back to the sign-in page, with `next` as `state`.
 */
export async function signOutEverywhere(
  ctx: Context,
  token: string,
  { origin, next }: { origin: string; next: string },
): Promise<string | null> {
  const idToken = idTokenOf(ctx.db, token);
  signOut(ctx, token);
  if (idToken === null || !ctx.oidc) return null;
  const asked = { redirectUri: `${origin}/sign-in`, state: next === '/' ? '' : next, idToken };
  return ctx.oidc.provider.endUrl(asked).catch(() => null);
}

/** Null for a sign-in without the provider; empty when its token was not kept. */
function idTokenOf(db: Database, token: string): string | null {
  const { userId, method, sealedIdToken } = signIns;
  const own = eq(signIns.sessionId, hashSecret(token));
  const row = db.select({ userId, method, sealedIdToken }).from(signIns).where(own).get();
  if (row?.method !== 'oidc') return null;
  if (row.sealedIdToken === null) return '';
  return findHubKey(db)?.decrypt(row.sealedIdToken, row.userId).toString() ?? '';
}
