/** Shares several entries with several people, in batches. */
import { eq } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { entries } from '@turnover/db/schema/entries';
import { shares } from '@turnover/db/schema/shares';
import { inTransaction } from '@turnover/db/transaction';
import { HubError, notFound } from '@turnover/domain/errors';
import {
  goodVerdicts,
  type CreatedSharesView,
  type CreateShareInput,
} from '@turnover/domain/workspace/shares';
import { findActivePerson } from '../people/accounts.ts';
import { turnsOf } from '../batches.ts';
import type { PersonContext } from '../context.ts';
import { changedFields, recordEdit } from '../edits.ts';
import { loadEntry, type SeenEntry } from '../entries/access.ts';
import { inList } from '../in-list.ts';
import { joinProject } from '../people/memberships.ts';
import { findUnrevoked, sharesBelow } from './access.ts';
import { bindShares } from './joining.ts';
import { notifyReceived } from './notices.ts';
import { checkRecipient, type Recipient } from './recipients.ts';
import { signalWatchers } from '../entries/places.ts';
import { countShares, endShares } from './revoke.ts';
import { requireLimits, termFields, termsOf, type Terms } from './terms.ts';

/** The most entries times people in one call. */
const maxAtOnce = 500;
/** Shares made per transaction; each takes about a millisecond. */
const batchOfGiving = 10;
/** Entries per transaction when the pages that show them are signalled. */
const batchOfSignals = 50;

/**
 * Shares all entries with all people; sharing again changes the terms. Checks everything before it makes the first share.
 * Then works in batches, and each batch checks its own part again: when something has changed, that batch is refused and
 * earlier batches stay.
 */
export function createShares(ctx: PersonContext, input: CreateShareInput): Promise<CreatedSharesView> {
  return turnsOf(sharing(ctx, input));
}

/** The generator behind `createShares`. Other work can run at each `yield`. */
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
    // The person whose shares are incomplete is still notified of those that were made.
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

/** Checks all entries, people and terms before anything is written. Throws for the first that is refused. */
function* requireShareable(ctx: PersonContext, input: CreateShareInput) {
  const { db } = ctx;
  const shared: SeenEntry[] = [];
  for (const id of new Set(input.entryIds)) {
    shared.push(loadEntry(db, ctx, id, 'share'));
    yield;
  }
  if (shared.some(({ projectId }) => projectId !== input.projectId)) throw notFound();
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
  /** The shares that the first person of this batch got in earlier batches. */
  given: readonly GivenShare[];
  entryIds: readonly string[];
};

/**
 * Makes the shares of one batch, and notifies each person whose shares are complete. Returns the shares of the last person
 * when they are incomplete.
 */
function giveBatch(
  tx: Transaction,
  ctx: PersonContext,
  input: CreateShareInput,
  { terms, batch, given, entryIds }: Batch,
): GivenShare[] {
  const { projectId, note } = input;
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
  const made = { entryId: entry.id, sharerId: ctx.person.id, granteeEmail: email };
  const present = findUnrevoked(tx, made);
  if (present) {
    const granteeId = present.granteeId ?? userId;
    if (!given.canShare) endShares(tx, ctx, sharesBelow(tx, present.id));
    recordEdit(tx, ctx, present.id, changedFields(present, given, termFields));
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
      ...made,
      granteeId: userId,
      ...given,
      createdAt: now,
      updatedAt: now,
    })
    .run();
  countShares(tx, entry.id, 1);
  return id;
}

/** Makes a colleague a member with the role Workspace only. */
function addColleague(tx: Transaction, ctx: PersonContext, projectId: string, userId: string): void {
  if (!joinProject(tx, ctx, { projectId, userId }, 'workspace')) return;
  // They also get the entries that others had shared with their address.
  const person = findActivePerson(tx, userId);
  if (person) bindShares(tx, ctx, person);
}
