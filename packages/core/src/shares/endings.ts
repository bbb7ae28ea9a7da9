/** Warns both sides once before a share ends. All shares of a person that end on one day go into one notification. */
import { and, asc, eq, gt, isNull, lte, ne, or, sql } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { entries } from '@turnover/db/schema/entries';
import { shares } from '@turnover/db/schema/shares';
import { inTransaction } from '@turnover/db/transaction';
import { expiryWarningMs, lateWarningMs, sharesInForce } from '@turnover/domain/workspace/shares';
import type { Entry } from '../access.ts';
import type { Context } from '../context.ts';
import { entriesAbove, linksOn } from '../entries/access.ts';
import { notify } from '../notifications/inbox.ts';
import { signalWatchers } from '../entries/places.ts';
import { inList } from '../in-list.ts';
import { sharesBelow, type Share } from './access.ts';
import { hrefFor } from './notices.ts';

const atOnce = 500;
/** The most names in a notification. With more shares it states only their number. */
const maxNames = 5;

/** Shares with little time left when they are made or changed use the late warning, so nobody is warned right after sharing. */
const warningMs = sql`case when ${shares.expiresAt} - ${shares.updatedAt} > ${expiryWarningMs}
  then ${expiryWarningMs} else ${lateWarningMs} end`;

/** Sends one batch of warnings. Returns the number of shares it checked; the next call handles the rest. */
export function warnOfEndingShares(ctx: Context): number {
  const now = ctx.clock();
  const ending = and(
    isNull(shares.revokedAt),
    gt(shares.expiresAt, now),
    // Only the first condition can use the index.
    lte(shares.expiresAt, now + expiryWarningMs),
    lte(shares.expiresAt, sql`${now} + ${warningMs}`),
    gt(sql`${shares.expiresAt} - ${shares.updatedAt}`, lateWarningMs),
    or(isNull(shares.warnedOf), ne(shares.warnedOf, shares.expiresAt)),
  );
  return inTransaction(ctx.db, (tx) => {
    const rows = tx
      .select({ share: shares, entry: entries })
      .from(shares)
      .innerJoin(entries, eq(entries.id, shares.entryId))
      .where(ending)
      .orderBy(asc(shares.expiresAt))
      .limit(atOnce)
      .all();
    for (const { share } of rows) {
      tx.update(shares).set({ warnedOf: share.expiresAt }).where(eq(shares.id, share.id)).run();
    }
    const inForce = rows.filter(({ share, entry }) => isInForce(tx, ctx, share, entry));
    const bySharer = Map.groupBy(inForce, ({ share }) => keyOf(share, share.sharerId));
    for (const ended of bySharer.values()) warnSharer(tx, ctx, ended);
    const byGrantee = Map.groupBy(inForce, ({ share }) => keyOf(share, share.sharerId, share.granteeEmail));
    for (const ended of byGrantee.values()) warnGrantee(tx, ctx, ended);
    return rows.length;
  });
}

/**
 * Reloads the pages that show shares which ended after `since`, for both sides and for everybody who got access through those
 * shares. Returns the number of ended shares. Each transaction handles at most `maxShares` of them.
 */
export function signalEndedShares(ctx: Context, since: number, maxShares = atOnce): number {
  const until = ctx.clock();
  let number = 0;
  for (let after = ''; ;) {
    const ids = inTransaction(ctx.db, (tx) => signalSome(tx, ctx, { since, until, after, maxShares }));
    number += ids.length;
    if (ids.length < maxShares) return number;
    after = ids.at(-1)!;
  }
}

/** Returns the ids of the next shares after the id `after`. */
function signalSome(
  tx: Transaction,
  ctx: Context,
  { since, until, after, maxShares }: { since: number; until: number; after: string; maxShares: number },
): string[] {
  const hasEnded = and(gt(shares.expiresAt, since), lte(shares.expiresAt, until));
  const ended = tx
    .select({ share: shares, entry: entries })
    .from(shares)
    .innerJoin(entries, eq(entries.id, shares.entryId))
    .where(and(isNull(shares.revokedAt), hasEnded, gt(shares.id, after)))
    .orderBy(asc(shares.id))
    .limit(maxShares)
    .all();
  const below = ended.flatMap(({ share }) => sharesBelow(tx, share.id).map(({ entryId }) => entryId));
  const fallen = tx.select().from(entries).where(inList(entries.id, below)).all();
  const touched = [...ended.map(({ entry }) => entry), ...fallen];
  for (const [projectId, of] of Map.groupBy(touched, (entry) => entry.projectId)) {
    signalWatchers(tx, ctx, projectId, of);
  }
  return ended.map(({ share }) => share.id);
}

type Ending = { share: Share; entry: Entry };

function keyOf({ projectId, expiresOn }: Share, ...people: string[]): string {
  return [projectId, expiresOn, ...people].join(' ');
}

function isInForce(tx: Transaction, ctx: Context, share: Share, entry: Entry): boolean {
  const above = entriesAbove(tx, entry.id);
  if (above.some(({ deletedAt }) => deletedAt !== null)) return false;
  const links = linksOn(tx, above);
  return sharesInForce(links, { ownerId: entry.ownerId, now: ctx.clock() }).has(share.id);
}

function warnSharer(tx: Transaction, ctx: Context, ended: readonly Ending[]): void {
  const sharer = userOf(tx, ended[0]!.share.sharerId)!;
  const people = [
    ...new Set(
      ended.map(
        ({ share }) => (share.granteeId ? userOf(tx, share.granteeId)?.name : null) ?? share.granteeEmail,
      ),
    ),
  ];
  warn(tx, ctx, ended, { userId: sharer.id, email: sharer.email, mine: true, people });
}

function warnGrantee(tx: Transaction, ctx: Context, ended: readonly Ending[]): void {
  const { sharerId, granteeId, granteeEmail } = ended[0]!.share;
  const people = [userOf(tx, sharerId)!.name];
  warn(tx, ctx, ended, { userId: granteeId, email: granteeEmail, mine: false, people });
}

type Warned = { userId: string | null; email: string; mine: boolean; people: string[] };

function warn(
  tx: Transaction,
  ctx: Context,
  ended: readonly Ending[],
  { userId, email, mine, people }: Warned,
): void {
  const [{ share, entry }] = ended as [Ending];
  const named = [...new Map(ended.map((each) => [each.entry.id, each.entry])).values()];
  const list = `/p/${share.projectId}/workspace${mine ? '' : '?shared'}`;
  notify(tx, ctx, {
    userId,
    email,
    kind: 'share.ending',
    projectId: share.projectId,
    actorId: null,
    data: {
      mine,
      entries: named.slice(0, maxNames).map(({ name }) => name),
      count: named.length,
      people: people.slice(0, maxNames),
      peopleCount: people.length,
      expiresOn: share.expiresOn,
      entryIds: ended.map((each) => each.entry.id),
      shareIds: ended.map((each) => each.share.id),
      href: named.length > 1 ? list : hrefFor(tx, userId ?? '', entry),
    },
  });
}

function userOf(tx: Transaction, userId: string): typeof users.$inferSelect | undefined {
  return tx.select().from(users).where(eq(users.id, userId)).get();
}
