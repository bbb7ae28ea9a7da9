/** Signs people in and out, and identifies them by session or token on every later request. */
import type { z } from 'zod';
import type { SecondFactor, SignInMethod } from '@turnover/domain/people/sign-ins';
import { emailSchema, type signInInput } from '@turnover/domain/people/accounts';
import { HubError, notFound } from '@turnover/domain/errors';
import { inTransaction } from '@turnover/db/transaction';
import type { Transaction } from '@turnover/db/open';
import { readUserAgent } from '@turnover/domain/people/user-agents';
import { recordAct } from '../audit/record.ts';
import { findActivePerson, findUser } from './accounts.ts';
import type { Context, Person } from '../context.ts';
import { signalAccount } from '../events.ts';
import { ensureHubKey } from '../hub-key.ts';
import { lacksSecondFactor } from './factor-policy.ts';
import { requireHalfSignIn, startHalfSignIn, useHalfSignIn } from './half-sign-ins.ts';
import { isKnownDevice, rememberOrigin, type From } from './known-origins.ts';
import { notify } from '../notifications/inbox.ts';
import { passkeyRefused } from './passkey-challenges.ts';
import { passkeyOptions, recordPasskeyUse, verifyPasskey } from './passkey-checks.ts';
import { requirePasswordOn } from './password-policy.ts';
import { verifyPassword } from './passwords.ts';
import {
  endSession,
  isProvedElsewhere,
  readSession,
  startSession,
  type NewSession,
  type Origin,
} from './sessions.ts';
import { hasAuthenticator, hasPasskey, hasSecondFactor } from './second-factor-state.ts';
import { guessedBy, notifyOfChange, useCode } from './second-factor.ts';
import { hasSignedIn } from './sign-ins.ts';
import { giveGuessBack, isFirstToday, takeChallenge, takeGuess } from './throttle.ts';
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

/**
 * `device`: the secret for the browser's long-lived cookie. `isHalf`: the person has a second factor, so the token belongs to
 * no session but to half a sign-in, which `finishSignIn` completes; then there is no `device`.
 */
export type SignedIn = NewSession & { device: string | null; isHalf: boolean };

/** The prefix `__Host-` binds the cookie to https and this host. Over plain http browsers refuse it. */
export function sessionCookieName(secure: boolean): string {
  return secure ? '__Host-turnover' : 'turnover';
}

/** The cookie of a sign-in whose second step is missing. It has the same prefix as the session cookie, for the same reasons. */
export function halfCookieName(secure: boolean): string {
  return secure ? '__Host-turnover-half' : 'turnover-half';
}

/**
 * Identifies the person. A token takes precedence: with a wrong token, a valid session does not count. Returns null for a
 * session whose person must first set up a second factor, so that it opens nothing else.
 */
export async function authenticate(ctx: Context, credentials: Credentials): Promise<Authenticated | null> {
  const found = await identify(ctx, credentials);
  return found && isHeld(ctx, found) ? null : found;
}

/** Identifies a person who signed in and must set up a second factor before anything else; null for everybody else. */
export async function authenticateHeld(
  ctx: Context,
  credentials: Credentials,
): Promise<Authenticated | null> {
  const found = await identify(ctx, credentials);
  return found && isHeld(ctx, found) ? found : null;
}

function isHeld(ctx: Context, { via, person, sessionId = '' }: Authenticated): boolean {
  return via === 'session' && lacksSecondFactor(ctx.db, person) && !isProvedElsewhere(ctx, sessionId);
}

async function identify(ctx: Context, credentials: Credentials): Promise<Authenticated | null> {
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
 * Signs a person in, or begins to when they have a second factor. Throws `sign_in_refused` with the same text and after the
 * same time for an unknown account, a disabled account and a wrong password. Throws `throttled` after too many guesses, and
 * `password_off` where passwords sign nobody in.
 */
export async function signIn(
  ctx: Context,
  input: z.infer<typeof signInInput>,
  from: From,
): Promise<SignedIn> {
  const email = emailSchema.safeParse(input.email).data ?? '';
  const guess = takeGuess(ctx, { ...from, email: email || input.email });
  const user = findUser(ctx.db, email);
  requirePasswordOn(ctx.db, ctx, user?.id ?? null);
  const isRight = await verifyPassword(user?.passwordHash ?? null, input.password);
  // Reads the account again: it may have been disabled, or its password changed, while the hash was computed.
  const now = findUser(ctx.db, email);
  if (!isRight || !now || now.disabledAt !== null || now.passwordHash !== user?.passwordHash) {
    recordRefusal(ctx, user?.id ?? null, { email });
    throw new HubError('sign_in_refused', 'E-mail or password is wrong.');
  }
  giveGuessBack(ctx, guess);
  return afterFirstStep(ctx, now, from, { method: 'password' });
}

/**
 * Records a refused sign-in. `email` is empty when no address was typed, because that may be a password in the wrong field.
 * The throttle bounds these entries.
 */
export function recordRefusal(ctx: Context, userId: string | null, details: Record<string, string>): void {
  inTransaction(ctx.db, (tx) =>
    recordAct(tx, ctx, { action: 'sessions.refuse', actor: null, subject: userId, details }),
  );
}

/**
 * Signs a person in who used a one-time link. Counts no guess, because there is no password: a throttled address must not
 * make it look as if the link had failed. A second factor is asked for all the same: a link proves a mailbox only.
 */
export function beginSession(
  ctx: Context,
  person: Pick<Person, 'id' | 'email'>,
  from: From,
): Promise<SignedIn> {
  return afterFirstStep(ctx, person, from, { method: 'link' });
}

/**
 * Signs a person in who signed in at the OpenID provider. `isFactor`: the provider asked for a second factor, so the hub does not.
 * `idToken`: for signing out there; empty without one.
 */
export function beginProviderSession(
  ctx: Context,
  person: Pick<Person, 'id' | 'email'>,
  from: From,
  { idToken, isFactor }: { idToken: string; isFactor: boolean },
): Promise<SignedIn> {
  return afterFirstStep(ctx, person, from, { method: 'oidc', idToken, factor: isFactor ? 'provider' : null });
}

type FirstStep = { method: SignInMethod; idToken?: string; factor?: SecondFactor | null };

async function afterFirstStep(
  ctx: Context,
  person: Pick<Person, 'id' | 'email'>,
  from: From,
  { method, idToken = '', factor = null }: FirstStep,
): Promise<SignedIn> {
  const userId = person.id;
  const seal = (tx: Transaction) =>
    idToken === '' ? null : ensureHubKey(tx).encrypt(Buffer.from(idToken), userId);
  if (factor !== null || !hasSecondFactor(ctx.db, userId)) {
    return startSignedIn(ctx, person, from, (tx) => ({ method, factor, sealedIdToken: seal(tx) }));
  }
  const half = inTransaction(ctx.db, (tx) =>
    startHalfSignIn(tx, ctx, { userId, method, sealedIdToken: seal(tx) }),
  );
  return { ...half, device: null, isHalf: true };
}

/** How the second step can be done. Throws `link_expired` when the first step was too long ago, or something ended it. */
export function describeHalfSignIn(
  ctx: Context,
  token: string,
): { hasAuthenticator: boolean; hasPasskey: boolean } {
  const { userId } = requireHalfSignIn(ctx.db, ctx, token);
  return {
    hasAuthenticator: hasAuthenticator(ctx.db, userId),
    hasPasskey: hasPasskey(ctx.db, userId),
  };
}

/**
 * Completes a sign-in with a code of the app or a recovery code. Throws `factor_refused` for a wrong or used one, `throttled`
 * after too many, `link_expired` when the first step was too long ago.
 */
export async function finishSignIn(
  ctx: Context,
  token: string,
  typed: string,
  from: From,
): Promise<SignedIn> {
  const person = personOfHalf(ctx, token);
  const guess = takeGuess(ctx, { ...from, email: person.email }, guessedBy(typed));
  const signedIn = await startProved(ctx, person, from, (tx) => {
    const { method, sealedIdToken } = useHalfSignIn(tx, ctx, token);
    return { method, sealedIdToken, factor: useCode(tx, ctx, person.id, typed) };
  });
  giveGuessBack(ctx, guess);
  return signedIn;
}

/** Completes a sign-in with a passkey. Throws `factor_refused`, or `link_expired` when a step took too long. */
export async function finishByPasskey(
  ctx: Context,
  token: string,
  answer: string,
  from: From,
): Promise<SignedIn> {
  const person = personOfHalf(ctx, token);
  const used = await verifyPasskey(ctx, answer, { purpose: 'secondStep', userId: person.id });
  return startProved(ctx, person, from, (tx) => {
    const { method, sealedIdToken } = useHalfSignIn(tx, ctx, token);
    recordPasskeyUse(tx, ctx, used);
    return { method, sealedIdToken, factor: 'passkey' };
  });
}

/** What a browser needs to sign in with a passkey alone. Throws `throttled` for a network that asks too often. */
export async function firstStepOptions(ctx: Context, address: string | null): Promise<string> {
  takeChallenge(ctx, address);
  return passkeyOptions(ctx, { purpose: 'signIn', userId: null });
}

/** What a browser needs to complete the sign-in with a passkey. */
export async function secondStepOptions(ctx: Context, token: string): Promise<string> {
  return passkeyOptions(ctx, { purpose: 'secondStep', userId: personOfHalf(ctx, token).id });
}

/** Signs in with a passkey alone. The device has checked a finger, a face or a PIN, so there is no second step. */
export async function signInByPasskey(ctx: Context, answer: string, from: From): Promise<SignedIn> {
  const used = await verifyPasskey(ctx, answer, { purpose: 'signIn', userId: null });
  const person = findActivePerson(ctx.db, used.passkey.userId);
  if (!person) throw passkeyRefused();
  requirePasswordOn(ctx.db, ctx, person.id);
  return startProved(ctx, person, from, (tx) => {
    if (!findActivePerson(tx, person.id)) throw passkeyRefused();
    recordPasskeyUse(tx, ctx, used);
    return { method: 'passkey', factor: null };
  });
}

function personOfHalf(ctx: Context, token: string): Person {
  const person = findActivePerson(ctx.db, requireHalfSignIn(ctx.db, ctx, token).userId);
  if (!person) throw notFound();
  return person;
}

/** As `startSignedIn`, and writes down what is refused. */
async function startProved(
  ...[ctx, person, from, prove]: Parameters<typeof startSignedIn>
): Promise<SignedIn> {
  try {
    return await startSignedIn(ctx, person, from, prove);
  } catch (error) {
    if (error instanceof HubError && error.code === 'factor_refused') {
      const reason = String(error.details.reason);
      recordRefusal(ctx, person.id, { email: person.email, step: 'code', reason });
      warnOfWrongCode(ctx, person, from);
    }
    throw error;
  }
}

/** Somebody else may know the password, unless the person uses this browser. Told once a day, because strangers cause it. */
function warnOfWrongCode(ctx: Context, person: Pick<Person, 'id' | 'email'>, from: From): void {
  inTransaction(
    ctx.db,
    (tx) => {
      if (isKnownDevice(tx, ctx, person.id, from)) return;
      if (isFirstToday(tx, ctx, `warned:${person.id}`)) notifyOfChange(tx, ctx, person, 'wrongCode');
    },
    { isSideEffect: true },
  );
}

/** `prove` runs in the transaction that starts the session. */
async function startSignedIn(
  ctx: Context,
  person: Pick<Person, 'id' | 'email'>,
  from: From,
  prove: (tx: Transaction) => Omit<Origin, 'userAgent'>,
): Promise<SignedIn> {
  const { userAgent } = from;
  let device = '';
  const isFirst = !hasSignedIn(ctx.db, person.id);
  const session = await startSession(ctx, person.id, (tx) => {
    const proved = prove(tx);
    if (!isFirst && !isKnownDevice(tx, ctx, person.id, from)) notifyOfDevice(tx, ctx, person, userAgent);
    device = rememberOrigin(tx, ctx, person.id, from);
    signalAccount(tx, { clock: ctx.clock, person }, person.id);
    const { method, factor } = proved;
    const details = { method, factor, userAgent: userAgent.slice(0, 200) };
    recordAct(tx, ctx, { action: 'sessions.start', actor: person, subject: person.id, details });
    return { ...proved, userAgent };
  });
  return { ...session, device, isHalf: false };
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
