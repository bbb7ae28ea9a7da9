/** Shares are made, changed and ended; nobody gives more than they have. */
import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { entries } from '@turnover/db/schema/entries';
import { shares } from '@turnover/db/schema/shares';
import { inTransaction } from '@turnover/db/transaction';
import { startOfDay } from '@turnover/domain/days';
import { HubError } from '@turnover/domain/errors';
import {
  earlier,
  goodVerdicts,
  type ChainLink,
  type SharedAccess,
  type CreatedSharesView,
  type CreateShareInput,
  type ShareChangePreviewView,
  type UpdateShareInput,
} from '@turnover/domain/shares';
import { findActivePerson } from './accounts.ts';
import type { Entry } from './access.ts';
import type { PersonContext } from './context.ts';
import { loadEntry, type SeenEntry } from './entry-access.ts';
import { inList } from './in-list.ts';
import { findMembership, insertMember, tellChange } from './members.ts';
import { loadShare, sharesBelow, type Share } from './share-access.ts';
import { bindShares } from './share-binding.ts';
import { inForceAbove } from './share-list.ts';
import { tellOfEnd, tellOfReceived, tellOfReminder, withdrawMails } from './share-notices.ts';
import { checkRecipients, type Recipient } from './share-recipients.ts';
import { tellOfWorkspace } from './workspace-folders.ts';

/** Entries times people. */
const mostAtOnce = 500;

/** All entries to all people, or nothing: the first who may not be shared with is told. Sharing again changes the terms. */
export function createShares(ctx: PersonContext, input: CreateShareInput): CreatedSharesView {
  if (input.entryIds.length * input.people.length > mostAtOnce) {
    throw new HubError(
      'invalid_input',
      'That is too much at once: put the entries into a folder and share that.',
      {
        field: 'entryIds',
      },
    );
  }
  return inTransaction(ctx.db, (tx) => {
    const shared = [...new Set(input.entryIds)].map((id) => loadEntry(tx, ctx, id, 'share'));
    const foreign = shared.find(({ projectId }) => projectId !== input.projectId);
    if (foreign) throw new HubError('not_found', 'Not found.');
    const recipients = requireRecipients(tx, ctx, input);
    const terms = termsOf(ctx, input);
    const parents = new Map(shared.map((entry) => [entry.id, requireLimits(ctx, entry, terms)]));
    for (const recipient of recipients) {
      const given = shared.map((entry) => {
        const { note } = input;
        const shareId = give(tx, ctx, entry, recipient, {
          ...terms,
          parentId: parents.get(entry.id) ?? null,
          note,
        });
        return { entry, shareId };
      });
      tellOfReceived(tx, ctx, recipient, given, input);
    }
    for (const entry of shared) tellOfWorkspace(tx, ctx, { ...entry, folderId: entry.id });
    const pending = recipients.filter(({ userId }) => userId === null).map(({ email }) => email);
    return { shares: shared.length * recipients.length, pending };
  });
}

/** What rests on the share goes with it when it can no longer be shared on. */
export function updateShare(ctx: PersonContext, input: UpdateShareInput): void {
  inTransaction(ctx.db, (tx) => {
    const { share, entry } = loadShare(tx, ctx, input.shareId, 'manage');
    const terms = {
      canShare: input.canShare ?? share.canShare,
      canUpdate: input.canUpdate ?? share.canUpdate,
      ...endOf(ctx, share, input),
    };
    if (!entry.access.isOwner) requireLimits(ctx, entry, terms);
    const parent = share.parentId ? inForceAbove({ ...ctx, db: tx }, entry).get(share.parentId) : undefined;
    if (parent) requireWithin(parent, share, terms);
    // First: those who have something by them now are told.
    if (!terms.canShare) endShares(tx, ctx, sharesBelow(tx, share.id));
    tx.update(shares)
      .set({ ...terms, updatedAt: ctx.clock() })
      .where(eq(shares.id, share.id))
      .run();
    tellOfWorkspace(tx, ctx, { ...entry, folderId: entry.id });
  });
}

/** At once, with everything that rests on it. */
export function revokeShare(ctx: PersonContext, shareId: string): void {
  inTransaction(ctx.db, (tx) => {
    const { share, entry } = loadShare(tx, ctx, shareId, 'manage');
    // Told first: afterwards nobody would be reached by the share.
    tellOfWorkspace(tx, ctx, { ...entry, folderId: entry.id });
    endShares(tx, ctx, [share, ...sharesBelow(tx, shareId)]);
  });
}

/** Who would lose their access with the share, or when it can no longer be shared on. */
export function previewShareChange(ctx: PersonContext, shareId: string): ShareChangePreviewView {
  const { db } = ctx;
  loadShare(db, ctx, shareId, 'manage');
  const below = sharesBelow(db, shareId);
  const rows = db
    .select({ name: sql<string>`coalesce(${users.name}, ${shares.granteeEmail})`, entry: entries.name })
    .from(shares)
    .innerJoin(entries, eq(entries.id, shares.entryId))
    .leftJoin(users, eq(users.id, shares.granteeId))
    .where(
      inList(
        shares.id,
        below.map(({ id }) => id),
      ),
    )
    .orderBy(shares.id)
    .all();
  return { fallAway: rows };
}

/** Off the grantee's list; whoever shared it sees that they still have access. */
export function removeFromList(ctx: PersonContext, shareId: string): void {
  inTransaction(ctx.db, (tx) => {
    const { share, entry } = loadShare(tx, ctx, shareId, 'receive');
    tx.update(shares)
      .set({ hiddenAt: ctx.clock() })
      .where(
        and(eq(shares.entryId, share.entryId), eq(shares.granteeId, ctx.person.id), isNull(shares.revokedAt)),
      )
      .run();
    tellOfWorkspace(tx, ctx, { ...entry, folderId: entry.id });
  });
}

/** Once for each share, to whoever has not picked it up. */
export function remindOfShare(ctx: PersonContext, shareId: string): void {
  inTransaction(ctx.db, (tx) => {
    const { share, entry } = loadShare(tx, ctx, shareId, 'manage');
    if (share.remindedAt !== null) {
      throw new HubError('already_reminded', 'They were reminded once already.', { at: share.remindedAt });
    }
    if (!isReachable(ctx, share, entry)) {
      throw new HubError('conflict', 'This share is over; extend it or share again.');
    }
    if (share.downloadedAt !== null) throw new HubError('nothing_changed', 'They have picked it up already.');
    tx.update(shares).set({ remindedAt: ctx.clock(), hiddenAt: null }).where(eq(shares.id, shareId)).run();
    tellOfReminder(tx, ctx, share, entry);
    tellOfWorkspace(tx, ctx, { ...entry, folderId: entry.id });
  });
}

/** In force, or waiting for somebody who was invited. */
function isReachable(ctx: PersonContext, share: Share, entry: Entry): boolean {
  if (share.granteeId !== null) return inForceAbove(ctx, entry).has(share.id);
  return share.expiresAt === null || share.expiresAt > ctx.clock();
}

/** Revoked, and no longer counted by their entries; whoever had something by them is told. */
function endShares(tx: Transaction, ctx: PersonContext, ended: readonly Share[]): void {
  for (const [entryId, shared] of Map.groupBy(ended, (share) => share.entryId)) {
    const entry = tx.select().from(entries).where(eq(entries.id, entryId)).get()!;
    const inForce = inForceAbove({ ...ctx, db: tx }, entry);
    for (const share of shared) {
      if (inForce.has(share.id)) tellOfEnd(tx, ctx, share, entry);
    }
  }
  for (const share of ended) {
    tx.update(shares)
      .set({ revokedAt: ctx.clock(), revokedBy: ctx.person.id })
      .where(eq(shares.id, share.id))
      .run();
    countShares(tx, share.entryId, -1);
    withdrawMails(tx, share);
    if (share.granteeId) tellOfWorkspace(tx, ctx, { projectId: share.projectId, ownerId: share.granteeId });
  }
}

type Terms = {
  canShare: boolean;
  canUpdate: boolean;
  expiresAt: number | null;
  expiresOn: string | null;
  timeZone: string | null;
};

function termsOf(ctx: PersonContext, { canShare, canUpdate, expiresOn, timeZone }: CreateShareInput): Terms {
  return { canShare, canUpdate, ...endAt(ctx, expiresOn, timeZone) };
}

function endOf(ctx: PersonContext, share: Share, { expiresOn, timeZone }: UpdateShareInput) {
  if (expiresOn !== undefined) return endAt(ctx, expiresOn, timeZone ?? share.timeZone ?? 'UTC');
  return { expiresAt: share.expiresAt, expiresOn: share.expiresOn, timeZone: share.timeZone };
}

function endAt(ctx: PersonContext, expiresOn: string | null, timeZone: string) {
  if (expiresOn === null) return { expiresAt: null, expiresOn: null, timeZone: null };
  const expiresAt = startOfDay(expiresOn, timeZone);
  if (expiresAt > ctx.clock()) return { expiresAt, expiresOn, timeZone };
  throw new HubError('expiry_refused', 'That day has begun already: choose a later one.', { why: 'past' });
}

/** The share that the new one rests on, null for the owner; throws when it would give more than the sharer has. */
function requireLimits(ctx: PersonContext, { access }: SeenEntry, terms: Terms): string | null {
  if (access.isOwner) return null;
  // What comes back to the sharer through a share of their own gives nothing new, and would make the chain a ring.
  const isOwn = ({ sharerId }: ChainLink) => sharerId === ctx.person.id;
  const usable = access.shares.filter(({ canShare, chain }) => canShare && !chain.some(isOwn));
  const parent = usable.find(
    ({ canUpdate, until }) => (canUpdate || !terms.canUpdate) && reaches(until, terms.expiresAt),
  );
  if (parent) return parent.chain.at(-1)!.id;
  if (terms.canUpdate && !usable.some(({ canUpdate }) => canUpdate)) {
    throw new HubError('forbidden', 'You cannot let others update what you may not update.', {
      need: 'update',
    });
  }
  throw new HubError('expiry_refused', 'The share cannot last longer than your own access.', {
    ...{ why: 'beyond', until: access.until },
  });
}

/**
 * Whoever changes a share that rests on another: it is not made to give more than that one does. What it gives already may
 * be more than it comes to by now, and stays.
 */
function requireWithin(parent: SharedAccess, present: Share, { canUpdate, expiresAt }: Terms): void {
  if (canUpdate && !present.canUpdate && !parent.canUpdate) {
    throw new HubError('forbidden', 'The share that this one rests on does not let its people update.', {
      need: 'update',
    });
  }
  if (expiresAt !== present.expiresAt && !reaches(parent.until, expiresAt)) {
    throw new HubError('expiry_refused', 'The share cannot last longer than the one it rests on.', {
      ...{ why: 'beyond', until: parent.until },
    });
  }
}

/** A share without an end of its own ends with the one it rests on. */
function reaches(until: number | null, expiresAt: number | null): boolean {
  return expiresAt === null || earlier(until, expiresAt) === expiresAt;
}

function requireRecipients(tx: Transaction, ctx: PersonContext, input: CreateShareInput): Recipient[] {
  const recipients = checkRecipients(tx, ctx, input);
  const refused = recipients.find(({ verdict }) => !goodVerdicts.includes(verdict));
  if (!refused) return recipients;
  const { email, verdict } = refused;
  throw new HubError('recipient_refused', `${email} is nobody you may share this with.`, { email, verdict });
}

type Given = Terms & { parentId: string | null; note: string };

function give(
  tx: Transaction,
  ctx: PersonContext,
  entry: SeenEntry,
  recipient: Recipient,
  given: Given,
): string {
  const now = ctx.clock();
  const { email, userId } = recipient;
  if (recipient.verdict === 'company' && userId) joinProject(tx, ctx, entry.projectId, userId);
  const present = tx
    .select()
    .from(shares)
    .where(
      and(
        eq(shares.entryId, entry.id),
        eq(shares.sharerId, ctx.person.id),
        eq(shares.granteeEmail, email),
        isNull(shares.revokedAt),
      ),
    )
    .get();
  if (present) {
    const granteeId = present.granteeId ?? userId;
    if (!given.canShare) endShares(tx, ctx, sharesBelow(tx, present.id));
    tx.update(shares)
      .set({
        ...{ ...given, granteeId, updatedAt: now, hiddenAt: null },
        ...(granteeId !== null && { claimantId: null }),
      })
      .where(eq(shares.id, present.id))
      .run();
    return present.id;
  }
  const id = ctx.newId('share');
  tx.insert(shares)
    .values({
      ...{ id, projectId: entry.projectId, entryId: entry.id, sharerId: ctx.person.id },
      ...{ granteeId: userId, granteeEmail: email, ...given, createdAt: now, updatedAt: now },
    })
    .run();
  countShares(tx, entry.id, 1);
  return id;
}

/** A colleague becomes a member with a Workspace and nothing else. */
function joinProject(tx: Transaction, ctx: PersonContext, projectId: string, userId: string): void {
  const member = { projectId, userId };
  if (findMembership(tx, projectId, userId)) return;
  insertMember(tx, ctx, member, 'workspace');
  tellChange(tx, ctx, 'member.added', member, 'workspace');
  // What others gave to the address before is theirs now as well.
  const person = findActivePerson(tx, userId);
  if (person) bindShares(tx, ctx, person);
}

function countShares(tx: Transaction, entryId: string, difference: number): void {
  tx.update(entries)
    .set({ shareCount: sql`${entries.shareCount} + ${difference}` })
    .where(eq(entries.id, entryId))
    .run();
}
