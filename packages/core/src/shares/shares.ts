/** Shares are made, changed and ended; nobody gives more than they have. */
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

/** Entries times people. */
const maxAtOnce = 500;

/** Pairs of an entry and a person in one transaction; each takes about a millisecond. */
const batchOfGiving = 10;
/** Entries whose pages are woken in one transaction. */
const batchOfSignals = 50;

/**
 * All entries to all people: what may not be shared is told before the first share is made. Then in batches, each of which
 * checks its own again: what changed meanwhile is refused, and what was given before stays. Sharing again changes the terms.
 */
export function createShares(ctx: PersonContext, input: CreateShareInput): Promise<CreatedSharesView> {
  return turnsOf(sharing(ctx, input));
}

/** The work of `createShares`, which may stop wherever it yields. */
export function* sharing(
  ctx: PersonContext,
  input: CreateShareInput,
): Generator<void, CreatedSharesView, void> {
  if (input.entryIds.length * input.people.length > maxAtOnce) {
    throw new HubError(
      'invalid_input',
      'That is too much at once: put the entries into a folder and share that.',
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
    // Whoever has a part of it by now is told of that part.
    const [first] = given;
    if (first && error instanceof HubError) {
      inTransaction(ctx.db, (tx) => notifyReceived(tx, ctx, first.recipient, given, input));
    }
    throw error;
  } finally {
    const told = [...new Set(pairs.slice(0, begun).map(({ entryId }) => entryId))];
    for (let start = 0; start < told.length; start += batchOfSignals) {
      const batch = told.slice(start, start + batchOfSignals);
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
    signalWorkspace(tx, ctx, { ...entry, folderId: entry.id });
  });
}

/** At once, with everything that rests on it. */
export function revokeShare(ctx: PersonContext, shareId: string): void {
  inTransaction(ctx.db, (tx) => {
    const { share, entry } = loadShare(tx, ctx, shareId, 'manage');
    // Told first: afterwards nobody would be reached by the share.
    signalWorkspace(tx, ctx, { ...entry, folderId: entry.id });
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
    signalWorkspace(tx, ctx, { ...entry, folderId: entry.id });
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
    notifyReminder(tx, ctx, share, entry);
    signalWorkspace(tx, ctx, { ...entry, folderId: entry.id });
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
    why: 'beyond',
    until: access.until,
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
      why: 'beyond',
      until: parent.until,
    });
  }
}

/** A share without an end of its own ends with the one it rests on. */
function reaches(until: number | null, expiresAt: number | null): boolean {
  return expiresAt === null || earlier(until, expiresAt) === expiresAt;
}

/** Nothing of it is written yet: the first entry, person or term that is refused is told. */
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
  throw new HubError('recipient_refused', `${email} is nobody you may share this with.`, { email, verdict });
}

type GivenShare = { entry: SeenEntry; shareId: string; recipient: Recipient };
type Batch = {
  terms: Terms;
  batch: readonly { entryId: string; email: string }[];
  /** What the person who comes first in the batch got before it. */
  given: readonly GivenShare[];
  entryIds: readonly string[];
};

/** Whoever has everything by now is told of it, once; returns what the last person got who has not. */
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

/** A colleague becomes a member with a Workspace and nothing else. */
function addColleague(tx: Transaction, ctx: PersonContext, projectId: string, userId: string): void {
  if (!joinProject(tx, ctx, { projectId, userId }, 'workspace')) return;
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
