/** Texts that passkeys have to sign: each is asked for once, for some minutes. */
import { and, eq, gt, isNull, lte } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { passkeyChallenges } from '@turnover/db/schema/accounts';
import { inTransaction } from '@turnover/db/transaction';
import { HubError } from '@turnover/domain/errors';
import { challengeMs } from '@turnover/domain/people/passkeys';
import type { Context } from '../context.ts';
import { hashSecret, newSecret } from '../secrets.ts';
import { keepNewest } from './keep-newest.ts';

/** The most open challenges of one person: half a sign-in may ask for any number. */
const maxChallenges = 20;

type Purpose = (typeof passkeyChallenges.$inferSelect)['purpose'];
/** `userId`: null when the passkey itself says whose it is. */
export type Asked = { purpose: Purpose; userId: string | null };

/** Returns a text that a passkey has to sign within a few minutes. */
export function newChallenge(ctx: Context, asked: Asked): string {
  const challenge = newSecret();
  const now = ctx.clock();
  inTransaction(
    ctx.db,
    (tx) => {
      tx.delete(passkeyChallenges).where(lte(passkeyChallenges.expiresAt, now)).run();
      tx.insert(passkeyChallenges)
        .values({ ...asked, id: hashSecret(challenge), expiresAt: now + challengeMs })
        .run();
      if (asked.userId === null) return;
      keepNewest(tx, passkeyChallenges, eq(passkeyChallenges.userId, asked.userId), maxChallenges);
    },
    { isSideEffect: true },
  );
  return challenge;
}

/** True when the hub asked for this a few minutes ago, and nobody has used it. */
export function isOpenChallenge(ctx: Context, challenge: string, asked: Asked): boolean {
  return findChallenge(ctx.db, ctx, challenge, asked) !== undefined;
}

/** Uses a challenge up, in the transaction of what it was for. Throws `factor_refused` when another answer came first. */
export function useChallenge(
  tx: Transaction,
  ctx: Pick<Context, 'clock'>,
  challenge: string,
  asked: Asked,
): void {
  const row = findChallenge(tx, ctx, challenge, asked);
  if (!row) throw passkeyRefused();
  tx.delete(passkeyChallenges).where(eq(passkeyChallenges.id, row.id)).run();
}

/** Ends what was begun before the person had their present second factor, perhaps with the password alone. */
export function dropChallengesToAdd(tx: Transaction, userId: string): void {
  tx.delete(passkeyChallenges)
    .where(and(eq(passkeyChallenges.purpose, 'add'), eq(passkeyChallenges.userId, userId)))
    .run();
}

function findChallenge(
  db: Reader,
  { clock }: Pick<Context, 'clock'>,
  challenge: string,
  { purpose, userId }: Asked,
) {
  const isAsked = and(
    eq(passkeyChallenges.id, hashSecret(challenge)),
    eq(passkeyChallenges.purpose, purpose),
    userId === null ? isNull(passkeyChallenges.userId) : eq(passkeyChallenges.userId, userId),
    gt(passkeyChallenges.expiresAt, clock()),
  );
  return db.select().from(passkeyChallenges).where(isAsked).get();
}

export function passkeyRefused(): HubError {
  return new HubError('factor_refused', 'This passkey was not accepted.', { reason: 'passkey' });
}
