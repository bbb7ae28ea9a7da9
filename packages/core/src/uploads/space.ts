/**
 * Space for uploads: the free space of the disk minus the reservations of unfinished uploads, within the limits of the
 * project and the Workspace. A reservation ends a day after the last byte, or earlier when its person loses access to the
 * target.
 */
import { and, count, eq, gt, isNotNull, isNull, sql } from 'drizzle-orm';
import type { z } from 'zod';
import type { Reader, Transaction } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { memberships } from '@turnover/db/schema/projects';
import { uploads } from '@turnover/db/schema/uploads';
import { inTransaction } from '@turnover/db/transaction';
import { HubError } from '@turnover/domain/errors';
import {
  maxUnfinished,
  reservedAnewForMs,
  spaceFor,
  type Reserved,
  type spaceInput,
  type SpaceView,
} from '@turnover/domain/workspace/upload-space';
import type { Upload } from '../access.ts';
import { inTurns } from '../batches.ts';
import type { Context, PersonContext } from '../context.ts';
import { placeFor } from '../entries/places.ts';
import { requireUploadTarget } from './access.ts';
import { holderOf, holdingsOf, type Holder } from './holdings.ts';

type Place = Holder & { personId: string };

/** Bytes that can still be sent in total: the free space minus the configured reserve and all reservations. */
export async function availableSpace(ctx: Context): Promise<number> {
  const reserved = reservedBytes(ctx.db, ctx.clock(), null);
  return spaceFor(await ctx.storage.freeBytes(), reserved, ctx.limits).diskBytes;
}

/** As `availableSpace`, but also within the limit of the project. For files of a request. */
export async function availableInProject(ctx: Context, projectId: string): Promise<number> {
  const { heldByProject } = holdingsOf(ctx.db, ctx.clock(), { projectId, ownerId: null });
  const onDisk = await availableSpace(ctx);
  if (heldByProject === null) return onDisk;
  return Math.max(0, Math.min(onDisk, heldByProject.maxBytes - heldByProject.usedBytes));
}

/** The largest upload that the person can begin now at a place of the project, and the limit that bounds it. */
export async function describeSpace(
  ctx: PersonContext,
  { projectId, folderId = null, toRequest }: z.output<typeof spaceInput>,
): Promise<SpaceView> {
  const ownerId = toRequest ? null : placeFor(ctx.db, ctx, projectId, folderId).ownerId;
  const personId = ctx.person.id;
  const space = spaceAt(ctx.db, ctx, { personId, projectId, ownerId }, await ctx.storage.freeBytes());
  // Only the owner may know how full their Workspace is. A grantee learns only how much can be uploaded.
  return ownerId === personId ? space : { ...space, heldByWorkspace: null };
}

function spaceAt(
  db: Reader,
  { limits, clock }: Pick<Context, 'limits' | 'clock'>,
  place: Place,
  freeBytes: number,
): SpaceView {
  const now = clock();
  return spaceFor(freeBytes, reservedBytes(db, now, place), limits, holdingsOf(db, now, place));
}

/**
 * Throws `too_large` or `no_space` when the file does not fit. Reserved bytes count as used; bytes that are written but not yet
 * durable count twice, to be safe.
 */
export function requireSpace(
  db: Reader,
  ctx: Pick<Context, 'limits' | 'clock'>,
  place: Place,
  sizeBytes: number,
  freeBytes: number,
): void {
  const { limits } = ctx;
  if (sizeBytes > limits.maxUploadBytes) {
    throw new HubError('too_large', 'The file is larger than this hub accepts.', {
      maxBytes: limits.maxUploadBytes,
    });
  }
  const space = spaceAt(db, ctx, place, freeBytes);
  const { availableBytes, limitedBy } = space;
  if (sizeBytes <= availableBytes) return;
  const facts = { neededBytes: sizeBytes, availableBytes, limitedBy };
  if (limitedBy === 'disk') throw new HubError('no_space', 'There is not enough space for this file.', facts);
  if (limitedBy === 'heldByProject' || limitedBy === 'heldByWorkspace') {
    const isOwn = place.ownerId === place.personId;
    // A grantee learns how much can be uploaded, but not the limit of somebody else's Workspace.
    const mayKnow = isOwn || limitedBy === 'heldByProject';
    throw new HubError('no_space', holdingFull[limitedBy](availableBytes), {
      ...facts,
      ...(mayKnow && { limitBytes: space[limitedBy]!.maxBytes }),
      isOwn,
    });
  }
  const { reservedBytes: reserved, limitBytes } = space[limitedBy];
  const whose = limitedBy === 'person' ? 'Your unfinished uploads' : 'The unfinished uploads of this project';
  throw new HubError(
    'no_space',
    `${whose} reserve ${reserved} of at most ${limitBytes} bytes, so this file does not fit. Finish or discard some first.`,
    { ...facts, reservedBytes: reserved, limitBytes },
  );
}

const holdingFull = {
  heldByProject: (left: number) =>
    `The limit of this project leaves ${left} bytes, so this file does not fit. Ask an owner of the hub for more, or delete files.`,
  heldByWorkspace: (left: number) =>
    `The limit of this Workspace leaves ${left} bytes, so this file does not fit. Ask a coordinator for more, or delete files.`,
};

/** Limits the unfinished uploads per person, because each holds a name and a file, even without a reservation. */
export function requireFewUnfinished(db: Reader, personId: string): void {
  const unfinished = db
    .select({ number: count() })
    .from(uploads)
    .where(and(eq(uploads.userId, personId), eq(uploads.status, 'uploading')))
    .get()!.number;
  if (unfinished < maxUnfinished) return;
  throw new HubError(
    'too_many_unfinished',
    `You have ${unfinished} unfinished uploads, and the limit is ${maxUnfinished}. Finish or discard some first.`,
    { most: maxUnfinished },
  );
}

/**
 * Runs `work`. If it throws `no_space`, releases the reservations of people who lost access to their target, and runs it once
 * more if that released any.
 */
export async function withSpaceFreed<Result>(ctx: Context, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof HubError) || error.code !== 'no_space') throw error;
    if ((await releaseLost(ctx)) === 0) throw error;
    return work();
  }
}

/** Renews an expired reservation before more bytes arrive. Throws `no_space` when there is none; the sent bytes stay. */
export async function reserveAnew(ctx: PersonContext, upload: Upload): Promise<void> {
  const { id, status, durableOffset, sizeBytes } = upload;
  if (status !== 'uploading' || isReserved(upload, ctx.clock())) return;
  await withSpaceFreed(ctx, async () => {
    const freeBytes = await ctx.storage.freeBytes();
    inTransaction(ctx.db, (tx) => {
      const place = { ...holderOf(tx, upload), personId: ctx.person.id };
      requireSpace(tx, ctx, place, sizeBytes - durableOffset, freeBytes);
      tx.update(uploads)
        .set({ reservedUntil: ctx.clock() + reservedAnewForMs, warnedOf: null })
        .where(and(eq(uploads.id, id), eq(uploads.status, 'uploading')))
        .run();
    });
  });
}

/** The bytes that the person can still send to the place, for files that are checked together. */
export function spaceLeft(
  db: Reader,
  ctx: Pick<Context, 'limits' | 'clock'>,
  place: Place,
  freeBytes: number,
): number {
  return spaceAt(db, ctx, place, freeBytes).availableBytes;
}

export function isReserved({ reservedUntil }: Pick<Upload, 'reservedUntil'>, now: number): boolean {
  return reservedUntil !== null && reservedUntil > now;
}

/** The running release in this process, so that concurrent callers wait for the same one. */
const releasing = new WeakMap<Context['db']['$client'], Promise<number>>();

/**
 * Ends the reservations of people who may no longer put the file into its target. If they get access again, continuing the
 * upload renews its reservation. Returns the number of released uploads.
 */
export function releaseLost(ctx: Context): Promise<number> {
  const { $client } = ctx.db;
  const running = releasing.get($client) ?? release(ctx).finally(() => releasing.delete($client));
  releasing.set($client, running);
  return running;
}

async function release(ctx: Context): Promise<number> {
  let released = 0;
  await inTurns(reservingPlaces(ctx.db), (place) => {
    if (hasAccess(ctx, place)) return;
    released += inTransaction(ctx.db, (tx) => releasePlace(tx, place));
  });
  return released;
}

type ReservingPlace = Pick<Upload, 'userId' | 'projectId' | 'requestId' | 'folderId'>;

function reservingPlaces(db: Reader): ReservingPlace[] {
  const { userId, projectId, requestId, folderId } = uploads;
  return db
    .selectDistinct({ userId, projectId, requestId, folderId })
    .from(uploads)
    .where(and(eq(uploads.status, 'uploading'), isNotNull(uploads.reservedUntil)))
    .all();
}

function hasAccess(ctx: Context, place: ReservingPlace): boolean {
  const person = ctx.db.select().from(users).where(eq(users.id, place.userId)).get();
  if (!person || person.disabledAt !== null) return false;
  try {
    requireUploadTarget(ctx.db, { person, clock: ctx.clock }, place);
    return true;
  } catch (error) {
    if (error instanceof HubError) return false;
    throw error;
  }
}

function releasePlace(tx: Transaction, { userId, projectId, requestId, folderId }: ReservingPlace): number {
  return tx
    .update(uploads)
    .set({ reservedUntil: null })
    .where(
      and(
        eq(uploads.status, 'uploading'),
        isNotNull(uploads.reservedUntil),
        eq(uploads.userId, userId),
        eq(uploads.projectId, projectId),
        requestId === null ? isNull(uploads.requestId) : eq(uploads.requestId, requestId),
        folderId === null ? isNull(uploads.folderId) : eq(uploads.folderId, folderId),
      ),
    )
    .run().changes;
}

/** Counts only reservations of enabled accounts with a membership: a person who is disabled or removed reserves nothing. */
function reservedBytes(db: Reader, now: number, place: Place | null): Reserved {
  const missing = sql`${uploads.sizeBytes} - ${uploads.durableOffset}`;
  const sumWhere = (condition: ReturnType<typeof sql>) =>
    sql<number>`coalesce(sum(case when ${condition} then ${missing} else 0 end), 0)`;
  return db
    .select({
      all: sql<number>`coalesce(sum(${missing}), 0)`,
      person: sumWhere(sql`${uploads.userId} = ${place?.personId ?? ''}`),
      project: sumWhere(sql`${uploads.projectId} = ${place?.projectId ?? ''}`),
    })
    .from(uploads)
    .innerJoin(users, and(eq(users.id, uploads.userId), isNull(users.disabledAt)))
    .innerJoin(
      memberships,
      and(eq(memberships.projectId, uploads.projectId), eq(memberships.userId, uploads.userId)),
    )
    .where(and(eq(uploads.status, 'uploading'), gt(uploads.reservedUntil, now)))
    .get()!;
}
