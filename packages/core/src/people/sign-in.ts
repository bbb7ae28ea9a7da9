/** Signs people in and out, and identifies them by session or token on every later request. */
import type { z } from 'zod';
import type { SignInMethod } from '@turnover/domain/people/sign-ins';
import { emailSchema, type signInInput } from '@turnover/domain/people/accounts';
import { HubError } from '@turnover/domain/errors';
import { inTransaction } from '@turnover/db/transaction';
import type { Transaction } from '@turnover/db/open';
import { readUserAgent } from '@turnover/domain/people/user-agents';
import { recordAct } from '../audit/record.ts';
import { findActivePerson, findUser } from './accounts.ts';
import type { Context, Person } from '../context.ts';
import { signalAccount } from '../events.ts';
import { isKnownDevice, rememberOrigin, type From } from './known-origins.ts';
import { notify } from '../notifications/inbox.ts';
import { verifyPassword } from './passwords.ts';
import { endSession, readSession, startSession, type NewSession } from './sessions.ts';
import { hasSignedIn } from './sign-ins.ts';
import { giveGuessBack, takeGuess } from './throttle.ts';
import { readToken } from './tokens.ts';

export type Credentials = {
  /** The value of the session cookie. */
  sessionToken?: string | null | undefined;
  /** The Authorization header. */
  authorization?: string | null | undefined;
};

export type Authenticated = {
  person: Person;
  via: 'session' | 'token';
  sessionId?: string;
  tokenId?: string;
};

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
    const token = readToken(ctx, bearer);
    const person = token && findActivePerson(ctx.db, token.userId);
    return person && { person, via: 'token', tokenId: token.tokenId };
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
    recordRefusal(ctx, email, user?.id ?? null);
    throw new HubError('sign_in_refused', 'E-mail or password is wrong.');
  }
  giveGuessBack(ctx, guess);
  return startSignedIn(ctx, now, from, 'password');
}

/**
 * Records a refused sign-in. `email` is empty when no address was typed, because that may be a password in the wrong field.
 * The throttle bounds these entries.
 */
function recordRefusal(ctx: Context, email: string, userId: string | null): void {
  inTransaction(ctx.db, (tx) =>
    recordAct(tx, ctx, { action: 'sessions.refuse', actor: null, subject: userId, details: { email } }),
  );
}

/**
 * Signs a person in who used a one-time link. Counts no guess, because there is no password: a throttled address must not
 * make it look as if the link had failed.
 */
export function beginSession(
  ctx: Context,
  person: Pick<Person, 'id' | 'email'>,
  from: From,
): Promise<SignedIn> {
  return startSignedIn(ctx, person, from, 'link');
}

async function startSignedIn(
  ctx: Context,
  person: Pick<Person, 'id' | 'email'>,
  from: From,
  method: SignInMethod,
): Promise<SignedIn> {
  const { userAgent } = from;
  let device = '';
  const isFirst = !hasSignedIn(ctx.db, person.id);
  const session = await startSession(ctx, person.id, { method, userAgent }, (tx) => {
    if (!isFirst && !isKnownDevice(tx, ctx, person.id, from)) notifyOfDevice(tx, ctx, person, userAgent);
    device = rememberOrigin(tx, ctx, person.id, from);
    signalAccount(tx, { clock: ctx.clock, person }, person.id);
    const details = { method, userAgent: userAgent.slice(0, 200) };
    recordAct(tx, ctx, { action: 'sessions.start', actor: person, subject: person.id, details });
  });
  return { ...session, device };
}

/** Tells the person that somebody signed in with a browser that never did before. */
function notifyOfDevice(
  tx: Transaction,
  ctx: Context,
  { id: userId, email }: Pick<Person, 'id' | 'email'>,
  userAgent: string,
): void {
  const address = ctx.caller?.address ?? null;
  notify(tx, ctx, {
    userId,
    email,
    kind: 'account.newDevice',
    projectId: null,
    actorId: null,
    data: { ...readUserAgent(userAgent), address, at: ctx.clock(), href: '/account' },
  });
}

export function signOut(ctx: Context, token: string): void {
  endSession(ctx, token);
}
