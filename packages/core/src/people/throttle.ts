/**
 * Bounds guesses at passwords and codes. A guess is counted before it is checked, so that many at once are no way
 * around, and given back when it was right. Unknown accounts are counted as well: the answer is the same.
 *
 * Guessing must not lock out the person whose account it is. So a browser that signed in to the account before has a
 * counter of its own, and so has an address; everybody else shares the account's counter, of which one address can
 * use half. Who comes with a new browser from a new address while several addresses guess gets in by a mailed link.
 */
import { count, desc, eq, gt, inArray, lte, min, or } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { guesses, users } from '@turnover/db/schema/accounts';
import { HubError } from '@turnover/domain/errors';
import type { Context } from '../context.ts';
import { isKnown, networkOf } from './known-origins.ts';
import { hashSecret } from '../secrets.ts';

const minuteMs = 60_000;
/** In any minute; strangers from all addresses together. */
const guessesPerAccount = 10;
/** By one browser or from one address at one account: the other half of the account's is for others. */
const guessesPerOrigin = 5;
/** A whole facility may sit behind one address. */
const guessesPerAddress = 30;

export type Guesser = {
  email: string;
  /** Null: it may stand for everybody, as that of a proxy does; nothing is counted by it. */
  address: string | null;
  /** Of the browser's long-lived cookie. */
  device?: string | null | undefined;
};

/** At most `limit` in any `windowMs`. */
export type Counter = { key: string; limit: number; windowMs: number };
/** What was counted, for giving it back. */
export type Guess = readonly number[];

/** Throws `throttled` when there were too many wrong guesses at signing in; otherwise counts this one. */
export function takeGuess(ctx: Context, guesser: Guesser): Guess {
  return inTransaction(ctx.db, (tx) => countGuess(tx, ctx, countersOf(tx, ctx, guesser)));
}

/** Of somebody who is signed in, at their own password: no stranger comes near this counter. */
export function takeOwnGuess(ctx: Context, userId: string): Guess {
  const counter = { key: `own:${userId}`, limit: guessesPerOrigin, windowMs: minuteMs };
  return inTransaction(ctx.db, (tx) => countGuess(tx, ctx, [counter]));
}

/** In the transaction of what it guards. */
export function countGuess(tx: Transaction, ctx: Context, counters: readonly Counter[]): Guess {
  const now = ctx.clock();
  // A clock that was set back must not lock anybody out until it has caught up.
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

/** The guess was right. Earlier wrong ones stay counted: right ones must not buy an attacker more. */
export function giveGuessBack(ctx: Context, guess: Guess): void {
  inTransaction(ctx.db, (tx) => {
    tx.delete(guesses)
      .where(inArray(guesses.id, [...guess]))
      .run();
  });
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

/** When the oldest of the last `limit` ends. */
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
