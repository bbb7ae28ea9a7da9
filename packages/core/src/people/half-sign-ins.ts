/** Sign-ins whose first step succeeded and whose second one is missing. They are no sessions and open nothing. */
import { and, eq, gt, lte } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { halfSignIns } from '@turnover/db/schema/accounts';
import { HubError } from '@turnover/domain/errors';
import { halfSignInMs } from '@turnover/domain/people/second-factors';
import type { SignInMethod } from '@turnover/domain/people/sign-ins';
import type { Context } from '../context.ts';
import { hashSecret, newSecret } from '../secrets.ts';
import { keepNewest } from './keep-newest.ts';

/** The most of one person. The oldest end, because whoever knows the password can begin any number. */
const maxHalf = 20;

/** `sealedIdToken`: as in the sign-in that it becomes. */
export type HalfSignIn = { id: string; userId: string; method: SignInMethod; sealedIdToken: string | null };

/** Returns the token for the browser's cookie. */
export function startHalfSignIn(
  tx: Transaction,
  { clock }: Pick<Context, 'clock'>,
  half: Omit<HalfSignIn, 'id'>,
): { token: string; expiresAt: number } {
  const token = newSecret();
  const now = clock();
  tx.delete(halfSignIns).where(lte(halfSignIns.expiresAt, now)).run();
  const expiresAt = now + halfSignInMs;
  tx.insert(halfSignIns)
    .values({ ...half, id: hashSecret(token), expiresAt })
    .run();
  keepNewest(tx, halfSignIns, eq(halfSignIns.userId, half.userId), maxHalf);
  return { token, expiresAt };
}

/** Throws `link_expired` when it is over: then the first step must be repeated. */
export function requireHalfSignIn(db: Reader, { clock }: Pick<Context, 'clock'>, token: string): HalfSignIn {
  const open = and(eq(halfSignIns.id, hashSecret(token)), gt(halfSignIns.expiresAt, clock()));
  const row = db.select().from(halfSignIns).where(open).get();
  if (!row) throw new HubError('link_expired', 'This took too long. Sign in again.');
  return row;
}

/** Called in the transaction that starts the session. Throws `link_expired` when another one has used it. */
export function useHalfSignIn(tx: Transaction, ctx: Pick<Context, 'clock'>, token: string): HalfSignIn {
  const half = requireHalfSignIn(tx, ctx, token);
  tx.delete(halfSignIns).where(eq(halfSignIns.id, half.id)).run();
  return half;
}

export function endHalfSignIns(tx: Transaction, userId: string): void {
  tx.delete(halfSignIns).where(eq(halfSignIns.userId, userId)).run();
}
