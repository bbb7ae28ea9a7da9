/**
 * Shares that were given to an address wait for its person. They are bound to an account whose address is proved. An
 * account whose address was only typed becomes their claimant: whoever shared is asked whether it is them.
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

/** After the person's address was proved, or they came into a project: what waits for the address of their account. */
export function bindShares(tx: Transaction, ctx: Context, person: Person): void {
  const isProved = emailProved(tx, person.id);
  const claims: Claim[] = [];
  for (const waiting of waitingFor(tx, ctx, person, person.email)) {
    if (isProved) bind(tx, ctx, person, waiting);
    else if (claim(tx, ctx, person, waiting)) claims.push(waiting);
  }
  // Where mail goes out the person proves the address themselves; the Users tab tells that somebody is there.
  if (!ctx.mail.configured) notifyClaim(tx, ctx, person, claims);
}

/**
 * Somebody accepted an invitation as another account than the one it was made out to: what was shared with the invited
 * address in that project may be meant for them, which only the sharer knows.
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

/** Whoever manages the share says that it is meant for the claimant. */
export function confirmShare(
  ctx: PersonContext,
  { shareId, userId }: { shareId: string; userId: string },
): void {
  inTransaction(ctx.db, (tx) => {
    const { share } = loadShare(tx, ctx, shareId, 'manage');
    if (share.granteeId === userId) throw new HubError('nothing_changed', 'They have it already.');
    const person = findActivePerson(tx, userId);
    const isAsShown = share.granteeId === null && share.claimantId === userId;
    const waiting =
      person &&
      isAsShown &&
      waitingFor(tx, ctx, person, share.granteeEmail).find((each) => each.share.id === shareId);
    if (!person || !waiting) {
      throw new HubError('changed_meanwhile', 'This person can no longer be given this share. Look again.');
    }
    bind(tx, ctx, person, waiting);
    notifyReceived(tx, ctx, { userId, email: person.email }, [{ entry: waiting.entry, shareId }], share);
  });
}

/** Shares without a grantee that are good, in projects where the person is or may be brought by a colleague. */
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
    // None of these is a reason to let somebody in.
    if (share.expiresAt !== null && share.expiresAt <= ctx.clock()) return false;
    if (!findMembership(tx, share.projectId, share.sharerId)) return false;
    if (person.id === share.sharerId || person.id === entry.ownerId) return false;
    if (findMembership(tx, share.projectId, person.id)) return true;
    return sharer.companyId !== null && sharer.companyId === person.companyId;
  });
}

/** A colleague of the sharer becomes a member with a Workspace thereby. */
function bind(tx: Transaction, ctx: Context, person: Person, { share, entry }: Waiting): void {
  joinProject(tx, { ...ctx, person }, { projectId: share.projectId, userId: person.id }, 'workspace');
  if (share.granteeEmail !== person.email) withdrawMails(tx, share);
  const given = { granteeId: person.id, claimantId: null };
  // Under the address of the account the sharer finds it when they share again; unless they have done so already.
  const granteeEmail = hasShare(tx, share, person.email) ? share.granteeEmail : person.email;
  tx.update(shares)
    .set({ ...given, granteeEmail })
    .where(eq(shares.id, share.id))
    .run();
  signalWorkspace(tx, ctx, { ...entry, folderId: entry.id });
}

/** False: they were it already. */
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
