/**
 * Revokes old access after a restore. A copy of the database brings back ended sessions, revoked tokens and used links, so
 * all of them are ended. Passwords, authenticators, passkeys and identities stay as they were, and everybody signs in again.
 */
import { and, gt, inArray, isNotNull, isNull } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import {
  apiTokens,
  guesses,
  halfSignIns,
  knownOrigins,
  oidcFlows,
  oneTimeLinks,
  passkeyChallenges,
  recoveryCodes,
} from '@turnover/db/schema/accounts';
import { mails, notifications } from '@turnover/db/schema/notifications';
import { invitations } from '@turnover/db/schema/projects';
import { letterKinds } from '@turnover/domain/notifications';
import { endSessionsWhere } from '../end-sessions.ts';

export type EndedAccess = { sessions: number; tokens: number; links: number; invitations: number };

export function endOldAccess(tx: Transaction, now: number): EndedAccess {
  const ended = {
    sessions: endSessionsWhere(tx, { clock: () => now }, undefined, 'restored').length,
    tokens: tx.update(apiTokens).set({ revokedAt: now }).where(isNull(apiTokens.revokedAt)).run().changes,
    links: tx.update(oneTimeLinks).set({ usedAt: now }).where(isNull(oneTimeLinks.usedAt)).run().changes,
    // Invitations expire instead of being deleted, so that coordinators see them and can invite again.
    invitations: tx
      .update(invitations)
      .set({ expiresAt: now })
      .where(
        and(isNull(invitations.acceptedAt), isNull(invitations.revokedAt), gt(invitations.expiresAt, now)),
      )
      .run().changes,
  };
  tx.delete(halfSignIns).run();
  tx.delete(passkeyChallenges).run();
  tx.delete(oidcFlows).run();
  // Codes that were used since would work once more.
  tx.delete(recoveryCodes).run();
  tx.delete(knownOrigins).run();
  tx.delete(guesses).run();
  // Otherwise the hub would mail new secrets to people who asked for them long ago.
  tx.update(notifications)
    .set({ mailDueAt: null })
    .where(inArray(notifications.kind, [...letterKinds]))
    .run();
  tx.update(mails)
    .set({ status: 'failed', lastError: 'The hub was restored before it was sent.', text: '', html: '' })
    .where(and(isNotNull(mails.secrets), inArray(mails.status, ['waiting'])))
    .run();
  return ended;
}
