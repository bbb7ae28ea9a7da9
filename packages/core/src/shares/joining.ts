/**
 * Binds shares with an email address to the account of its owner. A proved address binds at once. An account whose address is
 * not proved becomes the claimant: the sharer is asked whether it is the right person.
 */
import { and, eq, isNull } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { entries } from '@turnover/db/schema/entries';
import { shares } from '@turnover/db/schema/shares';
import { inTransaction } from '@turnover/db/transaction';
import { HubError } from '@turnover/domain/errors';
import { findActivePerson } from '../people/accounts.ts';
import type { Context, Person, PersonContext } from '../context.ts';
import { signalWorkspace } from '../entries/places.ts';
import { findMembership, joinProject } from '../people/memberships.ts';
import { loadShare, type Share } from './access.ts';
import { notifyClaim, notifyReceived, withdrawMails, type Claim } from './notices.ts';

type Waiting = Claim & { sharer: Person };

/**
 * Binds or claims the shares that wait for the person's address. Call it when the address is proved or the person joins a
 * project.
 */
export function bindShares(tx: Transaction, ctx: Context, person: Person): void {
  const isProved = emailProved(tx, person.id);
  const claims: Claim[] = [];
  for (const waiting of waitingFor(tx, ctx, person, person.email)) {
    if (isProved) bind(tx, ctx, person, waiting);
    else if (claim(tx, ctx, person, waiting)) claims.push(waiting);
  }
  // With mail, the person proves the address themselves, and the Users tab shows that they have an account.
  if (!ctx.mail.configured) notifyClaim(tx, ctx, person, claims);
}

/**
 * Claims shares for a person who accepted an invitation with an account other than the invited one. Shares with the
 * invited address in that project may be meant for them, which only the sharer knows.
 */
export function claimShares(
  tx: Transaction,
  ctx: Context,
  person: Person,
  invited: { email: string; projectId: string },
): void {
  const claims = waitingFor(tx, ctx, person, invited.email)
    .filter(({ share }) => share.projectId === invited.projectId)
    .filter((waiting) => claim(tx, ctx, person, waiting));
  notifyClaim(tx, ctx, person, claims);
}

/**
 * Confirms that a share is meant for the claimant. The person must manage the share. Throws `changed_meanwhile` when
 * the claimant is no longer the one who was shown.
 */
export function confirmShare(
  ctx: PersonContext,
  { shareId, userId }: { shareId: string; userId: string },
): void {
  inTransaction(ctx.db, (tx) => {
    const { share } = loadShare(tx, ctx, shareId, 'manage');
    if (share.granteeId === userId)
      throw new HubError('nothing_changed', 'This person already has the share.');
    const person = findActivePerson(tx, userId);
    const isAsShown = share.granteeId === null && share.claimantId === userId;
    const waiting =
      person &&
      isAsShown &&
      waitingFor(tx, ctx, person, share.granteeEmail).find((each) => each.share.id === shareId);
    if (!person || !waiting) {
      throw new HubError('changed_meanwhile', 'This person can no longer get this share. Reload the page.');
    }
    bind(tx, ctx, person, waiting);
    notifyReceived(tx, ctx, { userId, email: person.email }, [{ entry: waiting.entry, shareId }], share);
  });
}

/** Valid shares without a grantee, in projects where the person is a member or a colleague may bring them in. */
function waitingFor(tx: Transaction, ctx: Context, person: Person, email: string): Waiting[] {
  const rows = tx
    .select({ share: shares, sharer: users, entry: entries })
    .from(shares)
    .innerJoin(users, eq(users.id, shares.sharerId))
    .innerJoin(entries, eq(entries.id, shares.entryId))
    .where(and(eq(shares.granteeEmail, email), isNull(shares.granteeId), isNull(shares.revokedAt)))
    .orderBy(shares.id)
    .all();
  return rows.filter(({ share, sharer, entry }) => {
    // Skips shares that give no access: expired ones, those of a sharer who left, and shares of the person's own entries.
    if (share.expiresAt !== null && share.expiresAt <= ctx.clock()) return false;
    if (!findMembership(tx, share.projectId, share.sharerId)) return false;
    if (person.id === share.sharerId || person.id === entry.ownerId) return false;
    if (findMembership(tx, share.projectId, person.id)) return true;
    return sharer.companyId !== null && sharer.companyId === person.companyId;
  });
}

/** Binds the share to the person. A colleague of the sharer becomes a member with a Workspace. */
function bind(tx: Transaction, ctx: Context, person: Person, { share, entry }: Waiting): void {
  joinProject(tx, { ...ctx, person }, { projectId: share.projectId, userId: person.id }, 'workspace');
  if (share.granteeEmail !== person.email) withdrawMails(tx, share);
  const given = { granteeId: person.id, claimantId: null };
  // Stores the address of the account, so that the sharer finds this share when they share again. Keeps the old address when
  // they have already shared with that one.
  const granteeEmail = hasShare(tx, share, person.email) ? share.granteeEmail : person.email;
  tx.update(shares)
    .set({ ...given, granteeEmail })
    .where(eq(shares.id, share.id))
    .run();
  signalWorkspace(tx, ctx, { ...entry, folderId: entry.id });
}

/** Makes the person the claimant. Returns false when they already were. */
function claim(tx: Transaction, ctx: Context, person: Person, { share, entry }: Waiting): boolean {
  if (share.claimantId === person.id) return false;
  tx.update(shares).set({ claimantId: person.id }).where(eq(shares.id, share.id)).run();
  signalWorkspace(tx, ctx, { ...entry, folderId: entry.id });
  return true;
}

function hasShare(tx: Transaction, { entryId, sharerId }: Share, email: string): boolean {
  const live = and(
    eq(shares.entryId, entryId),
    eq(shares.sharerId, sharerId),
    eq(shares.granteeEmail, email),
    isNull(shares.revokedAt),
  );
  return tx.select({ id: shares.id }).from(shares).where(live).get() !== undefined;
}

function emailProved(db: Reader, userId: string): boolean {
  const row = db.select({ at: users.emailProvedAt }).from(users).where(eq(users.id, userId)).get();
  return row !== undefined && row.at !== null;
}
