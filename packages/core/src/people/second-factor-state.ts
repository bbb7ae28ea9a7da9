/** Whether a person has a second factor: an authenticator app or a passkey. */
import { eq } from 'drizzle-orm';
import { union } from 'drizzle-orm/sqlite-core';
import type { Reader } from '@turnover/db/open';
import { authenticators, passkeys } from '@turnover/db/schema/accounts';
import { inList } from '../in-list.ts';

export function hasSecondFactor(db: Reader, userId: string): boolean {
  return hasAuthenticator(db, userId) || hasPasskey(db, userId);
}

export function hasAuthenticator(db: Reader, userId: string): boolean {
  const own = eq(authenticators.userId, userId);
  return db.select({ userId: authenticators.userId }).from(authenticators).where(own).get() !== undefined;
}

export function hasPasskey(db: Reader, userId: string): boolean {
  const own = eq(passkeys.userId, userId);
  return db.select({ id: passkeys.id }).from(passkeys).where(own).limit(1).get() !== undefined;
}

/** Those of these people who have one. */
export function peopleWithFactor(db: Reader, ids: readonly string[]): Set<string> {
  const withApp = db
    .select({ userId: authenticators.userId })
    .from(authenticators)
    .where(inList(authenticators.userId, ids));
  const withPasskey = db
    .select({ userId: passkeys.userId })
    .from(passkeys)
    .where(inList(passkeys.userId, ids));
  return new Set(
    union(withApp, withPasskey)
      .all()
      .map(({ userId }) => userId),
  );
}
