/**
 * The second factor of a person: an authenticator app and recovery codes. All changes require the password, and a code as soon
 * as the person has a second factor: who knows only the password must not add one of their own. API tokens change none.
 */
import { randomBytes } from 'node:crypto';
import { and, eq, lt } from 'drizzle-orm';
import type { z } from 'zod';
import type { Reader, Transaction } from '@turnover/db/open';
import { authenticators, passkeys, users } from '@turnover/db/schema/accounts';
import { inTransaction } from '@turnover/db/transaction';
import { HubError, notFound } from '@turnover/domain/errors';
import {
  codeStepMs,
  codeStepsAround,
  type proveFactorInput,
  type SecondFactorView,
  type setUpFactorInput,
} from '@turnover/domain/people/second-factors';
import type { SecondFactor } from '@turnover/domain/people/sign-ins';
import { recordAct } from '../audit/record.ts';
import type { Context, Person, PersonContext } from '../context.ts';
import { signalAccount } from '../events.ts';
import { ensureHubKey } from '../hub-key.ts';
import { notify } from '../notifications/inbox.ts';
import { isFactorRequired } from './factor-policy.ts';
import { endHalfSignIns } from './half-sign-ins.ts';
import { requirePassword } from './own-password.ts';
import { dropChallengesToAdd } from './passkey-challenges.ts';
import {
  countRecoveryCodes,
  deleteRecoveryCodes,
  renewRecoveryCodes,
  useRecoveryCode,
} from './recovery-codes.ts';
import { hasSecondFactor } from './second-factor-state.ts';
import { endSessionsOf } from './sessions.ts';
import { giveGuessBack, takeOwnGuess, type Guessed } from './throttle.ts';
import { readKey, stepOf, stepsOfCode, writeKey } from './totp.ts';

const keyBytes = 20;
/** A wrong clock is recognised up to this distance, for a message that says so. */
const skewSteps = 60;

/** Returns a new key in base32, which is stored only when a code of it was entered. */
export function newAuthenticatorKey(): string {
  return writeKey(randomBytes(keyBytes));
}

export function secondFactorOf(ctx: PersonContext): SecondFactorView {
  const { id } = ctx.person;
  const row = findAuthenticator(ctx.db, id);
  return {
    since: row?.createdAt ?? null,
    recoveryCodesLeft: countRecoveryCodes(ctx.db, id),
    isRequired: isFactorRequired(ctx.db, ctx.person),
  };
}

/**
 * Stores the authenticator after its first code, and returns the recovery codes. Throws `factor_refused` for a wrong code,
 * also for a wrong recovery code of a person who has passkeys, and `conflict` when there is an authenticator.
 */
export async function setUpSecondFactor(
  ctx: PersonContext,
  { key, code, password, recoveryCode }: z.input<typeof setUpFactorInput>,
): Promise<string[]> {
  const { person } = ctx;
  const bytes = readKey(key);
  requireNoAuthenticator(ctx.db, person.id);
  return withOwnProof(ctx, { password, code: recoveryCode }, (tx) => {
    requireNoAuthenticator(tx, person.id);
    const lastStep = stepOfFirstCode(ctx, bytes, digitsOf(code));
    const createdAt = ctx.clock();
    tx.insert(authenticators)
      .values({
        userId: person.id,
        sealedKey: ensureHubKey(tx).encrypt(bytes, person.id),
        lastStep,
        createdAt,
      })
      .run();
    dropChallengesToAdd(tx, person.id);
    const codes = renewRecoveryCodes(tx, person.id);
    recordAct(tx, ctx, { action: 'secondFactor.setUp', actor: person, subject: person.id });
    notifyOfChange(tx, ctx, person, 'on');
    return codes;
  });
}

/**
 * Removes the authenticator, and the recovery codes unless there are passkeys. Throws `sign_in_refused` or `factor_refused`, and
 * `nothing_changed` without an authenticator.
 */
export async function removeSecondFactor(ctx: PersonContext, proof: z.infer<typeof proveFactorInput>) {
  refuseTokens(ctx);
  const requireOne = (db: Reader) => {
    if (!findAuthenticator(db, ctx.person.id)) throw nothingToRemove();
  };
  // Before the code, which would be used up for nothing.
  requireOne(ctx.db);
  await withProof(ctx, proof, (tx) => {
    requireOne(tx);
    tx.delete(authenticators).where(eq(authenticators.userId, ctx.person.id)).run();
    dropUnusedCodes(tx, ctx.person.id);
    notifyOfChange(tx, ctx, ctx.person, 'off');
  });
}

/** Replaces the recovery codes. */
export async function renewCodes(
  ctx: PersonContext,
  proof: z.infer<typeof proveFactorInput>,
): Promise<string[]> {
  refuseTokens(ctx);
  return withProof(ctx, proof, (tx) => {
    notifyOfChange(tx, ctx, ctx.person, 'codes');
    return renewRecoveryCodes(tx, ctx.person.id);
  });
}

/**
 * Removes the second factor of a person who lost it, and ends their sign-ins, for owners of the hub. Their own they remove with
 * password and code. Throws `nothing_changed` when there is none.
 */
export function resetSecondFactor(ctx: PersonContext, userId: string): void {
  refuseTokens(ctx);
  if (userId === ctx.person.id)
    throw new HubError('conflict', 'Remove your own second factor on the account page.');
  inTransaction(ctx.db, (tx) => {
    const person = tx.select().from(users).where(eq(users.id, userId)).get();
    if (!person) throw notFound();
    reset(tx, ctx, person, ctx.person);
  });
}

/** The same by the command line, for an owner who lost it. */
export function resetByCommand(ctx: Context, person: Pick<Person, 'id' | 'email'>): void {
  inTransaction(ctx.db, (tx) => reset(tx, ctx, person, null));
}

function reset(
  tx: Transaction,
  ctx: Context,
  person: Pick<Person, 'id' | 'email'>,
  by: Pick<Person, 'id'> | null,
): void {
  if (!hasSecondFactor(tx, person.id)) throw nothingToRemove();
  deleteFactor(tx, person.id);
  // They may be of whoever has the lost phone.
  endSessionsOf(tx, ctx, person.id, { by: 'owner' });
  notifyOfChange(tx, ctx, person, 'reset', by);
}

/** Which counters a typed code belongs to. */
export function guessedBy(typed: string): Guessed {
  return isAppCode(digitsOf(typed)) ? 'code' : 'recoveryCode';
}

/** Uses a code of the app, or a recovery code, and returns which it was. Throws `factor_refused`. */
export function useCode(tx: Transaction, ctx: Context, userId: string, typed: string): SecondFactor {
  const digits = digitsOf(typed);
  if (isAppCode(digits)) {
    useAppCode(tx, ctx, userId, digits);
    return 'code';
  }
  if (!useRecoveryCode(tx, ctx, userId, typed)) throw refused('wrong');
  return 'recoveryCode';
}

function useAppCode(tx: Transaction, ctx: Context, userId: string, code: string): void {
  const row = findAuthenticator(tx, userId);
  if (!row) throw refused('wrong');
  const key = ensureHubKey(tx).decrypt(row.sealedKey, userId);
  const steps = stepsOfCode(key, code, stepOf(ctx.clock()), codeStepsAround);
  if (steps.length === 0) throw refused('wrong');
  const lastStep = steps.find((step) => step > row.lastStep);
  if (lastStep === undefined) throw refused('used');
  tx.update(authenticators)
    .set({ lastStep })
    .where(and(eq(authenticators.userId, userId), lt(authenticators.lastStep, lastStep)))
    .run();
}

/** Tells a wrong clock from a wrong code. Only at the set-up: later it would help somebody who guesses. */
function stepOfFirstCode(ctx: Context, key: Buffer, code: string): number {
  const now = stepOf(ctx.clock());
  const [step] = stepsOfCode(key, code, now, skewSteps);
  if (step === undefined) throw refused('wrong');
  const away = Math.abs(step - now);
  if (away > codeStepsAround) throw refused('skewed', { minutes: Math.ceil((away * codeStepMs) / 60_000) });
  return step;
}

/**
 * Checks the password, and a code when the person has a second factor. Runs `act` in the transaction that uses the code. For
 * everything that opens the account later without the present second factor.
 */
export async function withOwnProof<Result>(
  ctx: PersonContext,
  { password, code = '' }: { password: string; code?: string | undefined },
  act: (tx: Transaction) => Result,
): Promise<Result> {
  if (hasSecondFactor(ctx.db, ctx.person.id)) return withProof(ctx, { password, code }, act);
  await requirePassword(ctx, password);
  const done = inTransaction(ctx.db, (tx) => {
    if (hasSecondFactor(tx, ctx.person.id)) throw refused('wrong');
    return { result: act(tx) };
  });
  return done.result;
}

/** Throws `forbidden` for an API token: it outlives the sign-in that made it, and knows no second factor. */
export function refuseTokens({ caller }: Context): void {
  if (caller?.via === 'token')
    throw new HubError('forbidden', 'This requires a sign-in: an API token is not enough.');
}

/** Checks password and code, and runs `act` in the transaction that uses the code. */
export async function withProof<Result>(
  ctx: PersonContext,
  { password, code }: z.infer<typeof proveFactorInput>,
  act: (tx: Transaction) => Result,
): Promise<Result> {
  await requirePassword(ctx, password);
  const guess = takeOwnGuess(ctx, ctx.person.id, guessedBy(code));
  const done = inTransaction(ctx.db, (tx) => {
    useCode(tx, ctx, ctx.person.id, code);
    return { result: act(tx) };
  });
  giveGuessBack(ctx, guess);
  return done.result;
}

function deleteFactor(tx: Transaction, userId: string): void {
  tx.delete(authenticators).where(eq(authenticators.userId, userId)).run();
  tx.delete(passkeys).where(eq(passkeys.userId, userId)).run();
  dropUnusedCodes(tx, userId);
}

/** Without a second factor there is no second step to recover, and none to complete. */
export function dropUnusedCodes(tx: Transaction, userId: string): void {
  if (hasSecondFactor(tx, userId)) return;
  deleteRecoveryCodes(tx, userId);
  endHalfSignIns(tx, userId);
}

/** Notifies the person of what changed: somebody else may have done it. */
export function notifyOfChange(
  tx: Transaction,
  ctx: Context,
  person: Pick<Person, 'id' | 'email'>,
  change:
    | 'on'
    | 'off'
    | 'codes'
    | 'reset'
    | 'passkeyOn'
    | 'passkeyOff'
    | 'wrongCode'
    | 'identityOn'
    | 'identityOff',
  by: Pick<Person, 'id'> | null = null,
): void {
  const { id: userId, email } = person;
  const data = { change, href: '/account' };
  const actorId = by?.id ?? null;
  notify(tx, ctx, { userId, email, kind: 'account.secondFactor', projectId: null, actorId, data });
  signalAccount(tx, { clock: ctx.clock, person: by ?? person }, userId);
}

function nothingToRemove(): HubError {
  return new HubError('nothing_changed', 'There is no second factor.');
}

function requireNoAuthenticator(db: Reader, userId: string): void {
  if (findAuthenticator(db, userId)) throw new HubError('conflict', 'There is an authenticator already.');
}

function findAuthenticator(db: Reader, userId: string) {
  return db.select().from(authenticators).where(eq(authenticators.userId, userId)).get();
}

function isAppCode(digits: string): boolean {
  return /^\d{1,8}$/.test(digits);
}

function digitsOf(typed: string): string {
  return typed.replaceAll(/[\s-]/g, '');
}

function refused(reason: 'wrong' | 'used' | 'skewed', details: { minutes?: number } = {}): HubError {
  const sentences = {
    wrong: 'This code is wrong.',
    used: 'This code was used before. Wait for the next one.',
    skewed: `This code is of another time: the clocks differ by ${details.minutes} minutes.`,
  };
  return new HubError('factor_refused', sentences[reason], { reason, ...details });
}
