/** Whether a person has a second factor. */
import { eq } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { authenticators } from '@turnover/db/schema/accounts';
import { inList } from '../in-list.ts';

export function hasSecondFactor(db: Reader, userId: string): boolean {
  const own = eq(authenticators.userId, userId);
  return db.select({ userId: authenticators.userId }).from(authenticators).where(own).get() !== undefined;
}

/** Those of these people who have one. */
export function peopleWithFactor(db: Reader, ids: readonly string[]): Set<string> {
  const { userId } = authenticators;
  return new Set(
    db
      .select({ userId })
      .from(authenticators)
      .where(inList(userId, ids))
      .all()
      .map((row) => row.userId),
  );
}
