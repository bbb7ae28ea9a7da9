/**
 * Bounds guesses at passwords per account and per address. A guess is counted before it is checked, so that many at
 * once are no way around, and given back when it was right. Unknown accounts are counted as well: the answer is the same.
 */
import { and, eq, gt, or, lte } from 'drizzle-orm';
import { inTransaction } from '@turnover/db/transaction';
import { throttles } from '@turnover/db/schema/accounts';
import { HubError } from '@turnover/domain/errors';
import type { Context } from './context.ts';
import { hashSecret } from './secrets.ts';

const windowMs = 60_000;
/** Windows meet, so a minute may see two of them: never more than ten guesses at one account in any minute. */
const guessesPerAccount = 5;
/** A whole facility may sit behind one address. */
const guessesPerAddress = 30;

export type Guesser = { email: string; address: string | null };

type Counter = { key: string; limit: number };

/** Throws `throttled` when there were too many wrong guesses; otherwise counts this one. */
export function takeGuess(ctx: Context, guesser: Guesser): void {
  inTransaction(ctx.db, (tx) => {
    const now = ctx.clock();
    // A clock that was set back must not lock anybody out until it has caught up.
    const over = or(lte(throttles.windowStartedAt, now - windowMs), gt(throttles.windowStartedAt, now));
    tx.delete(throttles).where(over).run();
    for (const { key, limit } of countersOf(guesser)) {
      const row = tx.select().from(throttles).where(eq(throttles.key, key)).get();
      if (row && row.failures >= limit) throw throttled(row.windowStartedAt + windowMs - now);
      tx.insert(throttles)
        .values({ key, failures: 1, windowStartedAt: now })
        .onConflictDoUpdate({ target: throttles.key, set: { failures: (row?.failures ?? 0) + 1 } })
        .run();
    }
  });
}

/** The guess was right. The account's earlier wrong ones stay counted: right ones must not buy an attacker more. */
export function giveGuessBack(ctx: Context, guesser: Guesser): void {
  inTransaction(ctx.db, (tx) => {
    for (const { key } of countersOf(guesser)) {
      const row = tx.select().from(throttles).where(eq(throttles.key, key)).get();
      if (!row) continue;
      tx.update(throttles)
        .set({ failures: row.failures - 1 })
        .where(and(eq(throttles.key, key), gt(throttles.failures, 0)))
        .run();
    }
  });
}

function countersOf({ email, address }: Guesser): Counter[] {
  const account = { key: `account:${hashSecret(email.trim().toLowerCase())}`, limit: guessesPerAccount };
  return address === null ? [account] : [account, { key: `address:${address}`, limit: guessesPerAddress }];
}

function throttled(waitMs: number): HubError {
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new HubError('throttled', `Too many attempts. Try again in ${retryAfterSeconds} seconds.`, {
    retryAfterSeconds,
  });
}
