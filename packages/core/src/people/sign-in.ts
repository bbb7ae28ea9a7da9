/** Signs people in and out, and identifies them by session or token on every later request. */
import type { z } from 'zod';
import { emailSchema, type signInInput } from '@turnover/domain/people/accounts';
import { HubError } from '@turnover/domain/errors';
import { inTransaction } from '@turnover/db/transaction';
import { findActivePerson, findUser } from './accounts.ts';
import type { Context, Person } from '../context.ts';
import { rememberOrigin, type From } from './known-origins.ts';
import { verifyPassword } from './passwords.ts';
import { endSession, readSession, startSession, type NewSession } from './sessions.ts';
import { giveGuessBack, takeGuess } from './throttle.ts';
import { readToken } from './tokens.ts';

export type Credentials = {
  /** The value of the session cookie. */
  sessionToken?: string | null | undefined;
  /** The Authorization header. */
  authorization?: string | null | undefined;
};

export type Authenticated = { person: Person; via: 'session' | 'token'; sessionId?: string };

/** `device`: the secret for the browser's long-lived cookie. */
export type SignedIn = NewSession & { device: string };

/** The prefix `__Host-` binds the cookie to https and this host. Over plain http browsers refuse it. */
export function sessionCookieName(secure: boolean): string {
  return secure ? '__Host-turnover' : 'turnover';
}

/** Identifies the person. A token takes precedence: with a wrong token, a valid session does not count. */
export async function authenticate(ctx: Context, credentials: Credentials): Promise<Authenticated | null> {
  const bearer = /^Bearer +(\S+)\s*$/i.exec(credentials.authorization ?? '')?.[1];
  if (bearer !== undefined) {
    const userId = readToken(ctx, bearer);
    const person = userId === null ? null : findActivePerson(ctx.db, userId);
    return person && { person, via: 'token' };
  }
  if (!credentials.sessionToken) return null;
  const session = await readSession(ctx, credentials.sessionToken);
  const person = session && findActivePerson(ctx.db, session.userId);
  return person && { person, via: 'session', sessionId: session.sessionId };
}

/**
 * Signs a person in. Throws `sign_in_refused` with the same text and after the same time for an unknown account, a disabled
 * account and a wrong password. Throws `throttled` after too many guesses.
 */
export async function signIn(
  ctx: Context,
  input: z.infer<typeof signInInput>,
  from: From,
): Promise<SignedIn> {
  const email = emailSchema.safeParse(input.email).data ?? '';
  const guess = takeGuess(ctx, { ...from, email: email || input.email });
  const user = findUser(ctx.db, email);
  const isRight = await verifyPassword(user?.passwordHash ?? null, input.password);
  // Reads the account again: it may have been disabled, or its password changed, while the hash was computed.
  const now = findUser(ctx.db, email);
  if (!isRight || !now || now.disabledAt !== null || now.passwordHash !== user?.passwordHash) {
    throw new HubError('sign_in_refused', 'E-mail or password is wrong.');
  }
  giveGuessBack(ctx, guess);
  return beginSession(ctx, now.id, from);
}

/**
 * Signs a person in who used a one-time link. Counts no guess, because there is no password: a throttled address must not
 * make it look as if the link had failed.
 */
export function beginSession(ctx: Context, userId: string, from: From): Promise<SignedIn> {
  const device = inTransaction(ctx.db, (tx) => rememberOrigin(tx, ctx, userId, from));
  return startSession(ctx, userId, from.userAgent).then((session) => ({ ...session, device }));
}

export async function signOut(ctx: Context, token: string): Promise<void> {
  await endSession(ctx, token);
}
