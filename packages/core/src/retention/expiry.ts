/** Moves undelivered files to the trash when their Workspace ends. */
import { setImmediate as turn } from 'node:timers/promises';
import { and, eq, gt, inArray, isNotNull, isNull, min, ne, sql, type SQL } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { entries } from '@turnover/db/schema/entries';
import { projects } from '@turnover/db/schema/projects';
import { retentionWarnings } from '@turnover/db/schema/retention';
import { uploads } from '@turnover/db/schema/uploads';
import { inTransaction } from '@turnover/db/transaction';
import { expiryOf, fairWarningMs, keptAfterEndMs } from '@turnover/domain/workspace/retention';
import type { Entry } from '../access.ts';
import { inBatches } from '../batches.ts';
import type { Context } from '../context.ts';
import { inSubmittedRound } from '../entries/deliveries.ts';
import { placeKeyOf } from '../entries/lookup.ts';
import { trashEntries } from '../entries/tree.ts';
import { inList } from '../in-list.ts';
import { expiresAtOf } from './ends.ts';
import { signalWorkspace } from '../entries/places.ts';

/** A Workspace that contains files, and when it ends. */
export type EndingWorkspace = { projectId: string; ownerId: string; expiresAt: number };

/** Entries per transaction, which keeps each well under 20 ms. */
const batch = 100;

/** Expires Workspaces whose owners were warned in time. Returns the number of entries that went to the trash. Safe to repeat. */
export async function expireWorkspaces(ctx: Context): Promise<{ expired: number }> {
  let expired = 0;
  for (const workspace of endingWorkspaces(ctx.db, ctx.clock())) {
    if (!wasWarnedInTime(ctx.db, workspace, ctx.clock())) continue;
    const { going } = await search(ctx, workspace, null);
    await inBatches(going, batch, (some) => {
      expired += inTransaction(ctx.db, (tx) => expireSome(tx, ctx, workspace, some));
    });
  }
  return { expired };
}

/** Workspaces that end by `until`. Filters projects first: an extension can only make an end later than that of the project. */
export function endingWorkspaces(db: Reader, until: number): EndingWorkspace[] {
  const launched = db.select().from(projects).where(isNotNull(projects.launchAt)).all();
  const ending = launched.filter((project) => expiryOf(project, null)! <= until);
  return ending.flatMap(({ id: projectId }) => {
    const isKept = sql`exists (
      select 1 from entries where place_key = ${projectId} || ${users.id} and deleted_at is null
    )`;
    const owners = db.select({ id: users.id }).from(users).where(isKept).all();
    return owners.flatMap(({ id: ownerId }) => {
      const expiresAt = expiresAtOf(db, projectId, ownerId);
      return expiresAt !== null && expiresAt <= until ? [{ projectId, ownerId, expiresAt }] : [];
    });
  });
}

const neverDelivered = sql`not ${inSubmittedRound(entries.assetId)}`;

function wasWarnedInTime(db: Reader, workspace: EndingWorkspace, now: number): boolean {
  const { projectId, ownerId, expiresAt } = workspace;
  const row = db
    .select({ first: min(retentionWarnings.at) })
    .from(retentionWarnings)
    .where(
      and(
        eq(retentionWarnings.projectId, projectId),
        eq(retentionWarnings.userId, ownerId),
        eq(retentionWarnings.expiresAt, expiresAt),
      ),
    )
    .get();
  return row?.first != null && row.first <= now - fairWarningMs;
}

type Found = { going: string[]; stays: boolean };

/** Finds the entries of a folder, a sequence or the root that expire. A container in which nothing remains expires as a whole. */
async function search(ctx: Context, workspace: EndingWorkspace, container: Entry | null): Promise<Found> {
  // Searches one folder after another, and yields to the event loop between them.
  await turn();
  const inside = and(
    eq(entries.placeKey, placeKeyOf({ ...workspace, folderId: container?.id ?? null })),
    isNull(entries.deletedAt),
  );
  const isFile = eq(entries.kind, 'file');
  const going: string[] = [];
  let stays = container === null || isSentTo(ctx.db, container.id);
  for (const held of container?.kind === 'sequence' ? [] : containersIn(ctx.db, inside)) {
    const below = isFresh(ctx, workspace, held)
      ? { going: [], stays: true }
      : await search(ctx, workspace, held);
    for (const id of below.stays ? below.going : [held.id]) going.push(id);
    stays ||= below.stays;
  }
  const isOver = over(ctx, workspace);
  stays ||= anyOf(ctx.db, and(inside, isFile, sql`not ${isOver}`));
  if (!stays) return { going: [], stays };
  const files = ctx.db
    .select({ id: entries.id })
    .from(entries)
    .where(and(inside, isFile, isOver))
    .all();
  for (const { id } of files) going.push(id);
  return { going, stays };
}

function expireSome(
  tx: Transaction,
  ctx: Context,
  workspace: EndingWorkspace,
  ids: readonly string[],
): number {
  const { projectId, ownerId } = workspace;
  // Reads the end again: the owner may have got more time since the search.
  const expiresAt = expiresAtOf(tx, projectId, ownerId);
  if (expiresAt === null || expiresAt > ctx.clock()) return 0;
  const isOver = sql`(${ne(entries.kind, 'file')} or ${over(ctx, workspace)})`;
  const taken = tx
    .select()
    .from(entries)
    .where(and(inList(entries.id, ids), isNull(entries.deletedAt), isOver))
    .all();
  trashEntries(tx, ctx, taken, { by: null });
  for (const folderId of new Set(taken.map(({ parentId }) => parentId))) {
    signalWorkspace(tx, ctx, { projectId, ownerId, folderId });
  }
  // People with a direct share of these entries lose a row of their list.
  for (const { id, shareCount } of taken) {
    if (shareCount > 0) signalWorkspace(tx, ctx, { projectId, ownerId, folderId: id });
  }
  return taken.length;
}

/** SQL condition for files that are expired, never delivered, and verified. */
function over(ctx: Context, workspace: EndingWorkspace): SQL {
  const isVerifying = sql`exists (
    select 1 from assets where assets.id = ${entries.assetId} and assets.state = 'verifying'
  )`;
  return sql`(${neverDelivered} and not ${isVerifying} and not ${gt(arrivedAt, freshSince(ctx, workspace))})`;
}

/** Files that arrived after the end, by an upload or from the trash, get more time: only older ones expire. */
function freshSince({ clock }: Context, { expiresAt }: EndingWorkspace): number {
  return Math.max(expiresAt, clock() - keptAfterEndMs);
}

const arrivedAt = sql`max(${entries.updatedAt}, coalesce(${entries.placedAt}, 0))`;

function isFresh(ctx: Context, workspace: EndingWorkspace, { updatedAt, placedAt }: Entry): boolean {
  return Math.max(updatedAt, placedAt ?? 0) > freshSince(ctx, workspace);
}

function isSentTo(db: Reader, folderId: string): boolean {
  const live = and(eq(uploads.folderId, folderId), inArray(uploads.status, ['uploading', 'verifying']));
  return db.select({ id: uploads.id }).from(uploads).where(live).limit(1).get() !== undefined;
}

function containersIn(db: Reader, inside: SQL | undefined): Entry[] {
  return db
    .select()
    .from(entries)
    .where(and(inside, ne(entries.kind, 'file')))
    .all();
}

function anyOf(db: Reader, which: SQL | undefined): boolean {
  return db.select({ id: entries.id }).from(entries).where(which).limit(1).get() !== undefined;
}
