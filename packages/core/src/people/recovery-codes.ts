/** Recovery codes: ten codes that each replace the authenticator once. Only their hashes are stored. */
import { and, count, eq, isNull } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { recoveryCodes } from '@turnover/db/schema/accounts';
import { recoveryCodeCount } from '@turnover/domain/people/second-factors';
import type { Context } from '../context.ts';
import { hashTypedCode, newTypedCode } from './typed-codes.ts';

/** 80 bits, so that nobody finds a code by trying all against a stolen hash. */
const codeLength = 16;

/** Replaces all recovery codes of the person by new ones, which are returned only this once. */
export function renewRecoveryCodes(tx: Transaction, userId: string): string[] {
  deleteRecoveryCodes(tx, userId);
  const codes = Array.from({ length: recoveryCodeCount }, () => newTypedCode(codeLength));
  tx.insert(recoveryCodes)
    .values(codes.map((code) => ({ userId, hash: hashTypedCode(userId, code) })))
    .run();
  return codes;
}

/** Uses the code up. Returns false when it is none, or was used before. */
export function useRecoveryCode(
  tx: Transaction,
  { clock }: Pick<Context, 'clock'>,
  userId: string,
  typed: string,
): boolean {
  const own = and(eq(recoveryCodes.userId, userId), eq(recoveryCodes.hash, hashTypedCode(userId, typed)));
  return (
    tx
      .update(recoveryCodes)
      .set({ usedAt: clock() })
      .where(and(own, isNull(recoveryCodes.usedAt)))
      .run().changes === 1
  );
}

export function countRecoveryCodes(db: Reader, userId: string): number {
  const left = and(eq(recoveryCodes.userId, userId), isNull(recoveryCodes.usedAt));
  return db.select({ number: count() }).from(recoveryCodes).where(left).get()!.number;
}

export function deleteRecoveryCodes(tx: Transaction, userId: string): void {
  tx.delete(recoveryCodes).where(eq(recoveryCodes.userId, userId)).run();
}
