/**
 * Limits guesses at passwords and codes. A guess is counted before it is checked, so that parallel guesses do not help, and
 * uncounted when it was right. Unknown accounts are counted too, because the answer must be the same. Guessing must not lock
 * out the owner of the account. So each browser that has signed in to the account has a counter of its own, and so has each
 * known address. All others share the counter of the account, and one address can use only half of it. Somebody with a new
 * browser at a new address can still sign in by a mailed link while several addresses guess passwords. While they guess codes, a
 * recovery code still works: those are too long to guess, so they have counters of their own, without a limit for the day. A
 * new password also forgives the wrong codes, once a day: whoever guessed them knows the password no longer.
 */
import { and, count, desc, eq, gt, inArray, like, lte, min, or, sql } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { guesses, users } from '@turnover/db/schema/accounts';
import { dayMs } from '@turnover/domain/days';
import { HubError } from '@turnover/domain/errors';
import type { Context } from '../context.ts';
import { isKnown, networkOf } from './known-origins.ts';
import { hashSecret } from '../secrets.ts';

const minuteMs = 60_000;
/** Guesses per minute at one account, by strangers from all addresses together. */
const guessesPerAccount = 10;
/** Guesses per minute at one account from one browser or address. The other half of the account's limit is for others. */
const guessesPerOrigin = 5;
/** Guesses per minute from one address at all accounts: a whole facility may share one address. */
const guessesPerAddress = 30;

/** So many times as many wrong codes are accepted in a day as in a minute. */
const codesPerDayFactor = 10;

/** Sign-ins per minute that begin at the OpenID provider from one address and do not come back. */
const providerSignInsPerAddress = 120;

/** Challenges, and sign-ins at the provider, per minute when everybody shares an address. */
const beginningsInAll = 600;

/** Counting a guess is no act of the caller, so it leaves no entry in the audit log. */
const aside = { isSideEffect: true };

export type Guesser = {
  email: string;
  /** Null when everybody may share the address, as behind a proxy: then it is not counted. */
  address: string | null;
  /** The secret in the browser's long-lived cookie. */
  device?: string | null | undefined;
};

/** Allows at most `limit` guesses within any `windowMs`. */
export type Counter = { key: string; limit: number; windowMs: number };
/** The ids of the counted rows, for `giveGuessBack`. */
export type Guess = readonly number[];

/** `code`: of the app, for the second step of a sign-in. */
export type Guessed = 'password' | 'code' | 'recoveryCode';

/** Counts a sign-in attempt. Throws `throttled` after too many wrong ones. */
export function takeGuess(ctx: Context, guesser: Guesser, at: Guessed = 'password'): Guess {
  const counted = (tx: Transaction) => countGuess(tx, ctx, countersAt(at, countersOf(tx, ctx, guesser)));
  return inTransaction(ctx.db, counted, aside);
}

/** Counts an attempt of a signed-in person to enter their own password. Strangers cannot use up this counter. */
export function takeOwnGuess(ctx: Context, userId: string, at: Guessed = 'password'): Guess {
  const counter = { key: `own:${userId}`, limit: guessesPerOrigin, windowMs: minuteMs };
  return inTransaction(ctx.db, (tx) => countGuess(tx, ctx, countersAt(at, [counter])), aside);
}

/** Counts a challenge for a passkey, which strangers may ask for: each is a row for some minutes. */
export function takeChallenge(ctx: Context, address: string | null): void {
  takeBeginning(ctx, { key: keyAt('challenge', address), limit: guessesPerAddress }, address);
}

/**
 * Counts a sign-in that begins at the OpenID provider. A whole facility may begin at once behind one address, so the limit is
 * higher, and `giveProviderSignInBack` uncounts what was completed.
 */
export function takeProviderSignIn(ctx: Context, address: string | null): void {
  takeBeginning(ctx, { key: keyAt('provider', address), limit: providerSignInsPerAddress }, address);
}

export function giveProviderSignInBack(ctx: Context, address: string | null): void {
  const own = eq(guesses.key, keyAt('provider', address));
  const row = ctx.db.select({ id: guesses.id }).from(guesses).where(own).limit(1).get();
  if (row) giveGuessBack(ctx, [row.id]);
}

function keyAt(what: string, address: string | null): string {
  return `${what}:${address === null ? '' : networkOf(address)}`;
}

function takeBeginning(
  ctx: Context,
  { key, limit }: Omit<Counter, 'windowMs'>,
  address: string | null,
): void {
  const counter = { key, limit: address === null ? beginningsInAll : limit, windowMs: minuteMs };
  inTransaction(ctx.db, (tx) => countGuess(tx, ctx, [counter]), aside);
}

/** Codes have counters of their own. Those of the app are so short that the limits of a minute would not do for a day. */
function countersAt(at: Guessed, counters: Counter[]): Counter[] {
  if (at === 'password') return counters;
  if (at === 'recoveryCode') return counters.map((each) => ({ ...each, key: `recovery:${each.key}` }));
  return counters.flatMap(({ key, limit, windowMs }) => [
    { key: `code:${key}`, limit, windowMs },
    { key: `code-day:${key}`, limit: limit * codesPerDayFactor, windowMs: dayMs },
  ]);
}

/** Counts a guess in the transaction that it protects. Throws `throttled` when any counter is full. */
export function countGuess(tx: Transaction, ctx: Context, counters: readonly Counter[]): Guess {
  const now = ctx.clock();
  // Deletes guesses from the future: after the clock was set back, they would lock people out until it has caught up.
  tx.delete(guesses)
    .where(or(lte(guesses.until, now), gt(guesses.at, now)))
    .run();
  for (const { key, limit } of counters) {
    const counted = tx.select({ number: count() }).from(guesses).where(eq(guesses.key, key)).get();
    if ((counted?.number ?? 0) >= limit) throw throttled(nextFreeAt(tx, key, limit) - now);
  }
  return counters.map(
    ({ key, windowMs }) =>
      tx
        .insert(guesses)
        .values({ key, at: now, until: now + windowMs })
        .returning({ id: guesses.id })
        .get().id,
  );
}

/** Uncounts a right guess. Earlier wrong ones stay counted, so that right guesses do not give an attacker more attempts. */
export function giveGuessBack(ctx: Context, guess: Guess): void {
  inTransaction(
    ctx.db,
    (tx) => {
      tx.delete(guesses)
        .where(inArray(guesses.id, [...guess]))
        .run();
    },
    aside,
  );
}

/**
 * Forgets the wrong codes of an account whose password changes. Only once a day: otherwise somebody who reads the person's mail
 * could reset the password again and again, and try more codes each time.
 */
export function forgiveCodes(
  tx: Transaction,
  ctx: Context,
  { id, email }: { id: string; email: string },
): void {
  if (!isFirstToday(tx, ctx, `forgiven:${id}`)) return;
  const account = hashSecret(email);
  const isOfAccount = or(sql`instr(${guesses.key}, ${account}) > 0`, eq(guesses.key, `code-day:own:${id}`));
  tx.delete(guesses)
    .where(and(like(guesses.key, 'code-day:%'), isOfAccount))
    .run();
}

/** True once within 24 hours for each key. */
export function isFirstToday(tx: Transaction, { clock }: Pick<Context, 'clock'>, key: string): boolean {
  const now = clock();
  const within = and(eq(guesses.key, key), gt(guesses.until, now));
  if (tx.select({ id: guesses.id }).from(guesses).where(within).get()) return false;
  tx.insert(guesses)
    .values({ key, at: now, until: now + dayMs })
    .run();
  return true;
}

export function forgetGuesses(tx: Transaction, key: string): void {
  tx.delete(guesses).where(eq(guesses.key, key)).run();
}

function countersOf(db: Reader, ctx: Context, { email, address, device }: Guesser): Counter[] {
  const written = email.trim().toLowerCase();
  const account = hashSecret(written);
  const user = db.select({ id: users.id }).from(users).where(eq(users.email, written)).get();
  const own = { limit: guessesPerOrigin, windowMs: minuteMs };
  if (user && device && isKnown(db, ctx, user.id, 'device', device)) {
    return [{ key: `device:${account}:${hashSecret(device)}`, ...own }];
  }
  const ofAccount = { key: `account:${account}`, limit: guessesPerAccount, windowMs: minuteMs };
  if (address === null) return [ofAccount];
  const network = networkOf(address);
  const pair = { key: `pair:${account}:${network}`, ...own };
  if (user && isKnown(db, ctx, user.id, 'address', network)) return [pair];
  return [pair, ofAccount, { key: `address:${network}`, limit: guessesPerAddress, windowMs: minuteMs }];
}

/** When the oldest of the last `limit` guesses stops counting, in epoch milliseconds. */
function nextFreeAt(db: Reader, key: string, limit: number): number {
  const last = db
    .select({ until: guesses.until })
    .from(guesses)
    .where(eq(guesses.key, key))
    .orderBy(desc(guesses.until))
    .limit(limit)
    .as('last');
  return (
    db
      .select({ at: min(last.until) })
      .from(last)
      .get()?.at ?? 0
  );
}

function throttled(waitMs: number): HubError {
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new HubError('throttled', `Too many attempts. Try again in ${retryAfterSeconds} seconds.`, {
    retryAfterSeconds,
  });
}
