/** Makes, changes and ends shares. Nobody gives more than they have. */
import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { entries } from '@turnover/db/schema/entries';
import { shares } from '@turnover/db/schema/shares';
import { inTransaction } from '@turnover/db/transaction';
import { startOfDay } from '@turnover/domain/days';
import { HubError, notFound } from '@turnover/domain/errors';
import {
  earlier,
  goodVerdicts,
  type ChainLink,
  type SharedAccess,
  type CreatedSharesView,
  type CreateShareInput,
  type ShareChangePreviewView,
  type UpdateShareInput,
} from '@turnover/domain/workspace/shares';
import { findActivePerson } from '../people/accounts.ts';
import { loadProject, type Entry } from '../access.ts';
import { turnsOf } from '../batches.ts';
import type { PersonContext } from '../context.ts';
import { loadEntry, type SeenEntry } from '../entries/access.ts';
import { inList } from '../in-list.ts';
import { joinProject } from '../people/memberships.ts';
import { loadShare, sharesBelow, type Share } from './access.ts';
import { bindShares } from './joining.ts';
import { inForceAbove } from './list.ts';
import { notifyEnded, notifyReceived, notifyReminder, withdrawMails } from './notices.ts';
import { checkRecipient, type Recipient } from './recipients.ts';
import { signalWatchers, signalWorkspace } from '../entries/places.ts';

/** The number of entries times the number of people. */
const maxAtOnce = 500;

/** Pairs of an entry and a person per transaction; each takes about a millisecond. */
const batchOfGiving = 10;
/** Entries whose pages are reloaded in one transaction. */
const batchOfSignals = 50;

/**
 * Shares all entries with all people; sharing again changes the terms. Checks everything before the first share is
 * made. Then works in batches, each of which checks its own part again: a change meanwhile is refused, and earlier
 * batches stay.
 */
export function createShares(ctx: PersonContext, input: CreateShareInput): Promise<CreatedSharesView> {
  return turnsOf(sharing(ctx, input));
}

/** The work of `createShares`, which may pause at each `yield`. */
export function* sharing(
  ctx: PersonContext,
  input: CreateShareInput,
): Generator<void, CreatedSharesView, void> {
  if (input.entryIds.length * input.people.length > maxAtOnce) {
    throw new HubError(
      'invalid_input',
      'That is too much at once. Put the entries into a folder and share the folder.',
      {
        field: 'entryIds',
      },
    );
  }
  const { entryIds, recipients, terms } = yield* requireShareable(ctx, input);
  const pairs = recipients.flatMap(({ email }) => entryIds.map((entryId) => ({ entryId, email })));
  let given: GivenShare[] = [];
  let begun = 0;
  try {
    for (let start = 0; start < pairs.length; start += batchOfGiving) {
      const batch = pairs.slice(start, start + batchOfGiving);
      given = inTransaction(ctx.db, (tx) => giveBatch(tx, ctx, input, { terms, batch, given, entryIds }));
      begun = start + batch.length;
      yield;
    }
  } catch (error) {
    // The person in progress gets a notification of their part.
    const [first] = given;
    if (first && error instanceof HubError) {
      inTransaction(ctx.db, (tx) => notifyReceived(tx, ctx, first.recipient, given, input));
    }
    throw error;
  } finally {
    const touched = [...new Set(pairs.slice(0, begun).map(({ entryId }) => entryId))];
    for (let start = 0; start < touched.length; start += batchOfSignals) {
      const batch = touched.slice(start, start + batchOfSignals);
      inTransaction(ctx.db, (tx) => {
        const shared = tx.select().from(entries).where(inList(entries.id, batch)).all();
        signalWatchers(tx, ctx, input.projectId, shared);
      });
      yield;
    }
  }
  const pending = recipients.filter(({ userId }) => userId === null).map(({ email }) => email);
  return { shares: pairs.length, pending };
}

/** Changes a share. Ends the shares that depend on it when it can no longer be shared on. */
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
    // First, because the people who have access now must be notified.
    if (!terms.canShare) endShares(tx, ctx, sharesBelow(tx, share.id));
    tx.update(shares)
      .set({ ...terms, updatedAt: ctx.clock() })
      .where(eq(shares.id, share.id))
      .run();
    signalWorkspace(tx, ctx, { ...entry, folderId: entry.id });
  });
}

/** Ends a share at once, with all shares that depend on it. */
export function revokeShare(ctx: PersonContext, shareId: string): void {
  inTransaction(ctx.db, (tx) => {
    const { share, entry } = loadShare(tx, ctx, shareId, 'manage');
    // Signalled first: afterwards the share reaches nobody.
    signalWorkspace(tx, ctx, { ...entry, folderId: entry.id });
    endShares(tx, ctx, [share, ...sharesBelow(tx, shareId)]);
  });
}

/** The people who would lose access if the share ended, or could no longer be shared on. */
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

/** Takes an entry off the grantee's list. The sharer still sees that they have access. */
export function removeFromList(ctx: PersonContext, shareId: string): void {
  inTransaction(ctx.db, (tx) => {
    const { share, entry } = loadShare(tx, ctx, shareId, 'receive');
    tx.update(shares)
      .set({ hiddenAt: ctx.clock() })
      .where(
        and(eq(shares.entryId, share.entryId), eq(shares.granteeId, ctx.person.id), isNull(shares.revokedAt)),
      )
      .run();
    signalWorkspace(tx, ctx, { ...entry, folderId: entry.id });
  });
}

/** Reminds a grantee who has not picked up the share. Once per share. */
export function remindOfShare(ctx: PersonContext, shareId: string): void {
  inTransaction(ctx.db, (tx) => {
    const { share, entry } = loadShare(tx, ctx, shareId, 'manage');
    if (share.remindedAt !== null) {
      throw new HubError('already_reminded', 'They have already been reminded.', { at: share.remindedAt });
    }
    if (!isReachable(ctx, share, entry)) {
      throw new HubError('conflict', 'This share has ended. Extend it or share again.');
    }
    if (share.downloadedAt !== null) throw new HubError('nothing_changed', 'They have already picked it up.');
    tx.update(shares).set({ remindedAt: ctx.clock(), hiddenAt: null }).where(eq(shares.id, shareId)).run();
    notifyReminder(tx, ctx, share, entry);
    signalWorkspace(tx, ctx, { ...entry, folderId: entry.id });
  });
}

/** True for a valid share, and for one that waits for an invited person. */
function isReachable(ctx: PersonContext, share: Share, entry: Entry): boolean {
  if (share.granteeId !== null) return inForceAbove(ctx, entry).has(share.id);
  return share.expiresAt === null || share.expiresAt > ctx.clock();
}

/** Revokes shares, updates the counts of their entries, and notifies the people who had access. */
function endShares(tx: Transaction, ctx: PersonContext, ended: readonly Share[]): void {
  for (const [entryId, shared] of Map.groupBy(ended, (share) => share.entryId)) {
    const entry = tx.select().from(entries).where(eq(entries.id, entryId)).get()!;
    const inForce = inForceAbove({ ...ctx, db: tx }, entry);
    for (const share of shared) {
      if (inForce.has(share.id)) notifyEnded(tx, ctx, share, entry);
    }
  }
  for (const share of ended) {
    tx.update(shares)
      .set({ revokedAt: ctx.clock(), revokedBy: ctx.person.id })
      .where(eq(shares.id, share.id))
      .run();
    countShares(tx, share.entryId, -1);
    withdrawMails(tx, share);
    if (share.granteeId) signalWorkspace(tx, ctx, { projectId: share.projectId, ownerId: share.granteeId });
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
  throw new HubError('expiry_refused', 'That day has already begun. Choose a later one.', { why: 'past' });
}

/**
 * The share that a new one depends on; null for the owner. Throws when the new share would give more than the sharer
 * has.
 */
function requireLimits(ctx: PersonContext, { access }: SeenEntry, terms: Terms): string | null {
  if (access.isOwner) return null;
  // A share that came back to the sharer through their own one gives nothing new, and would close the chain to a
  // ring.
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
    why: 'beyond',
    until: access.until,
  });
}

/**
 * For changes to a share that depends on another: it cannot be extended beyond that one. Rights that it already has
 * stay, even if they exceed it by now.
 */
function requireWithin(parent: SharedAccess, present: Share, { canUpdate, expiresAt }: Terms): void {
  if (canUpdate && !present.canUpdate && !parent.canUpdate) {
    throw new HubError('forbidden', 'The share that this one depends on does not allow updates.', {
      need: 'update',
    });
  }
  if (expiresAt !== present.expiresAt && !reaches(parent.until, expiresAt)) {
    throw new HubError('expiry_refused', 'The share cannot last longer than the one it depends on.', {
      why: 'beyond',
      until: parent.until,
    });
  }
}

/** A share without an end of its own ends with the one it depends on. */
function reaches(until: number | null, expiresAt: number | null): boolean {
  return expiresAt === null || earlier(until, expiresAt) === expiresAt;
}

/** Checks all entries, people and terms before anything is written. Throws for the first that is refused. */
function* requireShareable(ctx: PersonContext, input: CreateShareInput) {
  const { db } = ctx;
  const shared: SeenEntry[] = [];
  for (const id of new Set(input.entryIds)) {
    shared.push(loadEntry(db, ctx, id, 'share'));
    yield;
  }
  if (shared.some(({ projectId }) => projectId !== input.projectId)) throw notFound();
  loadProject(db, ctx.person, input.projectId, 'workspace:use');
  const owners = new Set(shared.map(({ ownerId }) => ownerId));
  const recipients: Recipient[] = [];
  for (const email of new Set(input.people)) {
    recipients.push(checkRecipient(db, ctx, input.projectId, owners, email));
    yield;
  }
  requireGood(recipients);
  const terms = termsOf(ctx, input);
  for (const entry of shared) requireLimits(ctx, entry, terms);
  return { entryIds: shared.map(({ id }) => id), recipients, terms };
}

function requireGood(recipients: readonly Recipient[]): void {
  const refused = recipients.find(({ verdict }) => !goodVerdicts.includes(verdict));
  if (!refused) return;
  const { email, verdict } = refused;
  throw new HubError('recipient_refused', `You may not share this with ${email}.`, { email, verdict });
}

type GivenShare = { entry: SeenEntry; shareId: string; recipient: Recipient };
type Batch = {
  terms: Terms;
  batch: readonly { entryId: string; email: string }[];
  /** What the first person of this batch got in earlier batches. */
  given: readonly GivenShare[];
  entryIds: readonly string[];
};

/**
 * Makes the shares of one batch, and notifies each person once they have everything. Returns what the last person got
 * if they do not.
 */
function giveBatch(
  tx: Transaction,
  ctx: PersonContext,
  input: CreateShareInput,
  { terms, batch, given, entryIds }: Batch,
): GivenShare[] {
  const { projectId, note } = input;
  loadProject(tx, ctx.person, projectId, 'workspace:use');
  const shared = new Map(batch.map(({ entryId }) => [entryId, loadEntry(tx, ctx, entryId, 'share')]));
  const owners = new Set([...shared.values()].map(({ ownerId }) => ownerId));
  const emails = [...new Set(batch.map(({ email }) => email))];
  const recipients = emails.map((email) => checkRecipient(tx, ctx, projectId, owners, email));
  requireGood(recipients);
  const parents = new Map([...shared].map(([id, entry]) => [id, requireLimits(ctx, entry, terms)]));
  let got = [...given];
  for (const recipient of recipients) {
    for (const { entryId } of batch.filter(({ email }) => email === recipient.email)) {
      const entry = shared.get(entryId)!;
      const parentId = parents.get(entryId) ?? null;
      const shareId = give(tx, ctx, entry, recipient, { ...terms, parentId, note });
      got.push({ entry, shareId, recipient });
    }
    if (got.length < entryIds.length) continue;
    notifyReceived(tx, ctx, recipient, got, input);
    got = [];
  }
  return got;
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
  if (recipient.verdict === 'company' && userId) addColleague(tx, ctx, entry.projectId, userId);
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
        ...given,
        granteeId,
        updatedAt: now,
        hiddenAt: null,
        ...(granteeId !== null && { claimantId: null }),
      })
      .where(eq(shares.id, present.id))
      .run();
    return present.id;
  }
  const id = ctx.newId('share');
  tx.insert(shares)
    .values({
      id,
      projectId: entry.projectId,
      entryId: entry.id,
      sharerId: ctx.person.id,
      granteeId: userId,
      granteeEmail: email,
      ...given,
      createdAt: now,
      updatedAt: now,
    })
    .run();
  countShares(tx, entry.id, 1);
  return id;
}

/** Makes a colleague a member with a Workspace and nothing else. */
function addColleague(tx: Transaction, ctx: PersonContext, projectId: string, userId: string): void {
  if (!joinProject(tx, ctx, { projectId, userId }, 'workspace')) return;
  // They also get what others had shared with their address.
  const person = findActivePerson(tx, userId);
  if (person) bindShares(tx, ctx, person);
}

function countShares(tx: Transaction, entryId: string, difference: number): void {
  tx.update(entries)
    .set({ shareCount: sql`${entries.shareCount} + ${difference}` })
    .where(eq(entries.id, entryId))
    .run();
}
