/**
 * Stores small files that arrive whole. Their bytes are synced first; then one commit creates the upload, completes it and
 * makes the file appear. Files that arrive together share that commit, its checks, and the sync of their folder.
 */
import { eq } from 'drizzle-orm';
import { commitTogether, type Shared } from '@turnover/db/group-commit';
import type { Transaction } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { assets } from '@turnover/db/schema/assets';
import { uploads } from '@turnover/db/schema/uploads';
import { HubError } from '@turnover/domain/errors';
import { faultReasonOf } from '@turnover/domain/requests/system-faults';
import { takenChoice, type BeginUploadInput } from '@turnover/domain/workspace/uploads';
import type { Person, PersonContext } from '../context.ts';
import { crashpoint } from '../crashpoints.ts';
import { signalWorkspace } from '../entries/places.ts';
import { insertFile } from '../entries/tree.ts';
import { requireFileRules } from '../requests/rule-checks.ts';
import { deliverFile, keepFile, recordFinished } from './completion.ts';
import { signalUpload } from './events.ts';
import { claimKey, findSent } from './send-keys.ts';
import { releaseLost, spaceLeft } from './space.ts';
import { claimPlace, requireSegments, type UploadTarget } from './targets.ts';
import { requireAdmission, rowOf } from './uploads.ts';

export type SmallFile = {
  input: BeginUploadInput;
  bytes: Buffer;
  /** An idempotency key of the sender: a file that is sent again with the same key is not stored twice. */
  key?: string | null | undefined;
  /** The metadata of a tus client, which is returned unchanged. */
  metadata?: string | undefined;
};

/** Stores one file. Resolves with the id of the upload once the file and its row survive a power cut. */
export async function storeSmallFile(ctx: PersonContext, file: SmallFile): Promise<string> {
  const [result] = await storeSmallFiles(ctx, [file]);
  if (result!.status === 'rejected') throw result!.reason;
  return result!.value;
}

type Results = PromiseSettledResult<string>[];

/** Stores files that arrived together. A refused file does not affect the others. */
export async function storeSmallFiles(ctx: PersonContext, files: readonly SmallFile[]): Promise<Results> {
  const results = await storeAll(ctx, files);
  const refused = files.filter((_, index) => lacksSpace(results[index]!));
  if (refused.length === 0 || (await releaseLost(ctx)) === 0) return results;
  const again = await storeAll(ctx, refused);
  return results.map((result) => (lacksSpace(result) ? again.shift()! : result));
}

function lacksSpace(result: PromiseSettledResult<string>): boolean {
  return (
    result.status === 'rejected' && result.reason instanceof HubError && result.reason.code === 'no_space'
  );
}

async function storeAll(ctx: PersonContext, files: readonly SmallFile[]): Promise<Results> {
  const disk = { freeBytes: await ctx.storage.freeBytes() };
  const admitted = new Set<string>();
  const arrived = await Promise.allSettled(files.map((file) => arrive(ctx, file, disk, admitted)));
  const synced = await ctx.storage.syncArrivals().then(
    () => null,
    (error: unknown) => ({ error }),
  );
  return Promise.allSettled(
    arrived.map(async (arrival) => {
      if (arrival.status === 'rejected') throw arrival.reason;
      if (typeof arrival.value === 'string') return arrival.value;
      if (synced === null) return keep(ctx, arrival.value);
      await ctx.storage.removeArrival(arrival.value.uploadId);
      throw synced.error;
    }),
  );
}

/** Writes and syncs the bytes. If the file was already stored earlier, returns its upload instead. */
async function arrive(
  ctx: PersonContext,
  { input, bytes, key = null, metadata }: SmallFile,
  disk: Disk,
  admitted: Set<string>,
): Promise<WholeFile | string> {
  if (bytes.length !== input.sizeBytes) throw new Error('A small file must be sent as a whole.');
  const sent = findSent(ctx.db, ctx, { input, key });
  if (sent !== null) return sent;
  const segments = requireSegments(input);
  // Checks before the first write, so that a person without permission cannot write to the disk. The commit checks each file
  // again.
  const target = `${input.projectId} ${input.folderId} ${input.requestId}`;
  if (!admitted.has(target)) requireAdmission(ctx.db, ctx, input, disk.freeBytes);
  admitted.add(target);
  const uploadId = ctx.newId('upload');
  try {
    await ctx.storage.storeArrival(uploadId, bytes);
  } catch (error) {
    await ctx.storage.removeArrival(uploadId);
    throw error;
  }
  return { uploadId, input, segments, disk, key, metadata };
}

async function keep(ctx: PersonContext, file: WholeFile): Promise<string> {
  crashpoint('small.afterSync');
  const sentBefore = await commit(ctx, file);
  crashpoint('small.afterCommit');
  if (sentBefore === null) file.disk.freeBytes -= file.input.sizeBytes;
  try {
    if (sentBefore === null) ctx.storage.keepArrival(file.uploadId);
    else await ctx.storage.removeArrival(file.uploadId);
  } catch (error) {
    // The file is stored, so this is no refusal. The worker and the next boot repeat it.
    ctx.log('error', 'upload.arrivalNotSettled', { uploadId: file.uploadId, stack: (error as Error).stack });
  }
  return sentBefore ?? file.uploadId;
}

/** The free space as it was measured, minus the files of the same call that were committed since. */
type Disk = { freeBytes: number };

type WholeFile = {
  uploadId: string;
  input: BeginUploadInput;
  segments: readonly string[];
  disk: Disk;
  key: string | null;
  metadata: string | undefined;
};

/** Returns the upload that already exists for the file's key, or null when this call has stored the file. */
async function commit(ctx: PersonContext, file: WholeFile): Promise<string | null> {
  try {
    return await commitTogether(ctx.db, (tx, shared) => {
      const sent = claimKey(tx, ctx, file);
      if (sent === null) insertWhole(tx, ctx, file, shared);
      return sent;
    });
  } catch (error) {
    // Keeps the bytes after a disk error: the row may have reached the disk although the sync failed.
    if (faultReasonOf(error) !== 'disk_error') await ctx.storage.removeArrival(file.uploadId);
    throw error;
  }
}

function insertWhole(tx: Transaction, asked: PersonContext, file: WholeFile, shared: Shared): void {
  const { uploadId, input, segments, key: sendKey, metadata } = file;
  const { sizeBytes } = input;
  const ctx = { ...asked, person: personNow(tx, asked, shared) };
  // Checks again inside the transaction, where nothing can change any more.
  const { target, take } = admit(tx, ctx, file, shared);
  const claimed = claimPlace(tx, ctx, target, segments, takenChoice(input));
  if (target.request) {
    requireFileRules(tx, ctx, target.request, { path: claimed.path, sizeBytes }, input.override ?? null);
  }
  const assetId = ctx.newId('asset');
  const holder = { projectId: input.projectId, ownerId: target.place?.ownerId ?? null };
  tx.insert(assets)
    .values({ id: assetId, ...holder, sizeBytes, state: 'verifying', createdAt: ctx.clock() })
    .run();
  const began = { ...rowOf(ctx, uploadId, input, claimed), sendKey, metadata };
  const row = { ...began, assetId, status: 'verifying' as const, durableOffset: sizeBytes };
  tx.insert(uploads).values(row).run();
  if (target.request) deliverFile(tx, ctx, row, target.request, assetId);
  else {
    const place = { ...target.place, folderId: claimed.folderId };
    const named = { name: claimed.path, assetId, sizeBytes, state: 'verifying' } as const;
    if (row.replaces) keepFile(tx, ctx, row, place, assetId);
    else insertFile(tx, ctx, place, named, { by: ctx.person.id });
    const changed = `workspace ${place.projectId} ${place.ownerId} ${place.folderId}`;
    once(shared, changed, () => signalWorkspace(tx, ctx, place));
  }
  const to = `upload ${ctx.person.id} ${input.projectId} ${input.requestId}`;
  once(shared, to, () => signalUpload(tx, ctx, row));
  recordFinished(tx, ctx, ctx.person, { ...row, requestId: input.requestId ?? null });
  take();
}

/** What the files of one commit have found out about space. */
type SpaceSoFar = {
  takenBytes: number;
  /** By person and folder. `leftBytes` may be too low, but not too high: another check then finds out how much is left. */
  admitted: Map<string, { target: UploadTarget; leftBytes: number }>;
};

/** Throws unless the file can be stored. Files of one commit share the checks whose result no file of the commit changes. */
function admit(
  tx: Transaction,
  ctx: PersonContext,
  { input, disk }: WholeFile,
  shared: Shared,
): { target: UploadTarget; take: () => void } {
  const { projectId, folderId, requestId, sizeBytes } = input;
  const soFar = spaceSoFar(shared);
  const key = `${ctx.person.id} ${projectId} ${folderId}`;
  // Files of a request are always checked anew, because each file changes the request.
  const known = requestId ? undefined : soFar.admitted.get(key);
  // Other folders and people may share a limit with this file, and all share the disk.
  const take = () => {
    soFar.takenBytes += sizeBytes;
    for (const each of soFar.admitted.values()) each.leftBytes -= sizeBytes;
  };
  if (known && sizeBytes <= known.leftBytes) return { target: known.target, take };
  const freeBytes = disk.freeBytes - soFar.takenBytes;
  const target = requireAdmission(tx, ctx, input, freeBytes);
  const place = { projectId, personId: ctx.person.id, ownerId: target.place?.ownerId ?? null };
  return {
    target,
    take: () => {
      take();
      if (requestId) return;
      const leftBytes = spaceLeft(tx, ctx, place, freeBytes - sizeBytes);
      soFar.admitted.set(key, { target, leftBytes });
    },
  };
}

function spaceSoFar(shared: Shared): SpaceSoFar {
  const soFar = (shared.get('space') as SpaceSoFar | undefined) ?? { takenBytes: 0, admitted: new Map() };
  shared.set('space', soFar);
  return soFar;
}

/** The person as they are now: their company or account may have changed while the bytes came. */
function personNow(tx: Transaction, { person }: PersonContext, shared: Shared): Person {
  const key = `person ${person.id}`;
  const known = shared.get(key) as Person | undefined;
  if (known) return known;
  const now = tx.select().from(users).where(eq(users.id, person.id)).get()!;
  if (now.disabledAt !== null) throw new HubError('forbidden', 'This account is disabled.');
  shared.set(key, now);
  return now;
}

function once(shared: Shared, key: string, work: () => void): void {
  if (shared.has(key)) return;
  work();
  shared.set(key, true);
}
