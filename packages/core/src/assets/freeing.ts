/**
 * Bytes that nothing points to are freed in three steps: marked by what took the last reference away, put aside into the
 * quarantine, and unlinked seven days later. Each step asks anew whether they are needed.
 */
import { and, asc, count, eq, gte, inArray, isNotNull, isNull, lte, min, sql, type SQL } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { assets } from '@turnover/db/schema/assets';
import { notifications } from '@turnover/db/schema/notifications';
import { inTransaction } from '@turnover/db/transaction';
import { dayMs } from '@turnover/domain/days';
import type { Context } from '../context.ts';
import { inList } from '../in-list.ts';
import { notify } from '../notifications/inbox.ts';

export const quarantineMs = 7 * dayMs;
/** A pass that would take more than this many files and more than this part of all asks a person first. */
const brakeFiles = 100;
const brakePart = 0.05;

/** `held`: files that the pass did not take, because they are suspiciously many. */
export type FreedAssets = { quarantined: number; freed: number; held: number };

/** In the transaction that took entries or deliveries away: what was the last reference to its asset marks it. */
export function markUnreferenced(
  tx: Transaction,
  ctx: Pick<Context, 'clock'>,
  assetIds: readonly string[],
): void {
  if (assetIds.length === 0) return;
  tx.update(assets)
    .set({ unreferencedAt: ctx.clock() })
    .where(
      and(
        inList(assets.id, assetIds),
        inArray(assets.state, ['stored', 'verifying']),
        isNull(assets.unreferencedAt),
        sql`not ${isPointedTo}`,
      ),
    )
    .run();
}

/** One pass. A database that cannot be read ends it: what is not known to be garbage is none. */
export async function freeAssets(ctx: Context, { confirmed = false } = {}): Promise<FreedAssets> {
  await unmarkReferenced(ctx);
  await finishQuarantine(ctx);
  const found = garbage(ctx.db);
  const held = !confirmed && isSuspicious(ctx.db, found.length) ? found.length : 0;
  let quarantined = 0;
  if (held > 0) askOwners(ctx, held);
  else for (const id of found) quarantined += Number(await quarantine(ctx, id));
  const freed = await unlinkOld(ctx);
  await ctx.storage.emptyQuarantine(ctx.clock() - quarantineMs);
  return { quarantined, freed, held };
}

const inEntries = sql`exists (select 1 from entries where entries.asset_id = ${assets.id})`;
const inRequests = sql`exists (
  select 1 from delivered_files where delivered_files.asset_id = ${assets.id} and delivered_files.purged_at is null
)`;
const isPointedTo = sql`(${inEntries} or ${inRequests})`;
const isArriving = sql`exists (
  select 1 from uploads where uploads.asset_id = ${assets.id} and uploads.status in ('uploading', 'verifying')
)`;
const isGarbage = sql`(not ${isPointedTo} and not ${isArriving})`;

/** With room for what a mark is too early for: an upload whose entry was deleted before its last byte was hashed. */
function garbage(db: Reader): string[] {
  const rows = db
    .select({ id: assets.id })
    .from(assets)
    .where(and(isNotNull(assets.unreferencedAt), eq(assets.state, 'stored'), isGarbage))
    .orderBy(asc(assets.unreferencedAt))
    .all();
  return rows.map(({ id }) => id);
}

/** The row first: from then on nobody is given the file, whenever its move is interrupted. */
async function quarantine(ctx: Context, assetId: string): Promise<boolean> {
  const isStill = and(eq(assets.id, assetId), eq(assets.state, 'stored'), isNotNull(assets.unreferencedAt));
  const { changes } = inTransaction(ctx.db, (tx) =>
    tx.update(assets).set({ state: 'quarantined', quarantinedAt: null }).where(and(isStill, isGarbage)).run(),
  );
  if (changes === 0) return false;
  await putAside(ctx, assetId);
  return true;
}

async function putAside(ctx: Context, assetId: string): Promise<void> {
  await ctx.storage.quarantineAsset(assetId);
  const isUnfinished = and(
    eq(assets.id, assetId),
    eq(assets.state, 'quarantined'),
    isNull(assets.quarantinedAt),
  );
  inTransaction(ctx.db, (tx) =>
    tx.update(assets).set({ quarantinedAt: ctx.clock() }).where(isUnfinished).run(),
  );
}

/** What a crash left between the row and the move. */
async function finishQuarantine(ctx: Context): Promise<void> {
  const unfinished = inQuarantine(ctx.db, isNull(assets.quarantinedAt));
  for (const id of unfinished) await putAside(ctx, id);
}

/** What is pointed to again, as after an older database was put back, is no garbage. */
async function unmarkReferenced(ctx: Context): Promise<void> {
  const marked = ctx.db
    .select({ id: assets.id })
    .from(assets)
    .where(and(isNotNull(assets.unreferencedAt), inArray(assets.state, ['stored', 'verifying']), isPointedTo))
    .all();
  const ids = marked.map(({ id }) => id);
  if (ids.length > 0) {
    inTransaction(ctx.db, (tx) =>
      tx
        .update(assets)
        .set({ unreferencedAt: null })
        .where(and(inList(assets.id, ids), isPointedTo))
        .run(),
    );
  }
  for (const id of inQuarantine(ctx.db, isPointedTo)) {
    await ctx.storage.takeBackAsset(id);
    inTransaction(ctx.db, (tx) =>
      tx
        .update(assets)
        .set({ state: 'stored', unreferencedAt: null, quarantinedAt: null })
        .where(and(eq(assets.id, id), eq(assets.state, 'quarantined')))
        .run(),
    );
  }
}

/** The file first: a row that says so before would leave a file that nobody looks for. */
async function unlinkOld(ctx: Context): Promise<number> {
  const due = inQuarantine(ctx.db, lte(assets.quarantinedAt, ctx.clock() - quarantineMs));
  let freed = 0;
  for (const id of due) {
    const isStill = and(eq(assets.id, id), eq(assets.state, 'quarantined'), isGarbage);
    if (!ctx.db.select({ id: assets.id }).from(assets).where(isStill).get()) continue;
    await ctx.storage.removeQuarantinedAsset(id);
    const { changes } = inTransaction(ctx.db, (tx) =>
      tx.update(assets).set({ state: 'freed', unreferencedAt: null }).where(isStill).run(),
    );
    freed += changes;
  }
  return freed;
}

function inQuarantine(db: Reader, which: SQL): string[] {
  return db
    .select({ id: assets.id })
    .from(assets)
    .where(and(isNotNull(assets.unreferencedAt), eq(assets.state, 'quarantined'), which))
    .all()
    .map(({ id }) => id);
}

function isSuspicious(db: Reader, files: number): boolean {
  if (files <= brakeFiles) return false;
  const { stored } = db.select({ stored: count() }).from(assets).where(eq(assets.state, 'stored')).get()!;
  return files > stored * brakePart;
}

/** Once for what waits: as long as the oldest mark is older than the question, it was asked. */
function askOwners(ctx: Context, files: number): void {
  ctx.log('error', 'storage.stopped', { files });
  inTransaction(ctx.db, (tx) => {
    const { since } = tx
      .select({ since: min(assets.unreferencedAt) })
      .from(assets)
      .where(and(isNotNull(assets.unreferencedAt), eq(assets.state, 'stored')))
      .get()!;
    const owners = tx
      .select()
      .from(users)
      .where(and(eq(users.isOwner, true), isNull(users.disabledAt)))
      .all();
    for (const { id: userId, email } of owners) {
      if (wasAsked(tx, userId, since ?? 0)) continue;
      const told = { kind: 'storage.stopped', projectId: null, actorId: null } as const;
      notify(tx, ctx, { userId, email, ...told, data: { files } });
    }
  });
}

function wasAsked(tx: Transaction, userId: string, since: number): boolean {
  const asked = and(
    eq(notifications.userId, userId),
    eq(notifications.kind, 'storage.stopped'),
    gte(notifications.createdAt, since),
  );
  return tx.select({ id: notifications.id }).from(notifications).where(asked).limit(1).get() !== undefined;
}
