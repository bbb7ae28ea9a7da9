/** Makes a backup: writes it in a child process, reads it back, and removes the oldest ones. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { and, desc, eq, inArray, ne } from 'drizzle-orm';
import { removeBackup, removePartials } from '@turnover/db/backup-files';
import type { Reader, Transaction } from '@turnover/db/open';
import { backupRuns } from '@turnover/db/schema/backups';
import { hub } from '@turnover/db/schema/hub';
import { failureByFault, type BackupFailure } from '@turnover/domain/server/backups';
import { faultReasonOf } from '@turnover/domain/requests/system-faults';
import type { Context } from '../context.ts';
import { complete, underLease, type Job } from '../jobs.ts';
import { notifyOwners } from '../notifications/owners.ts';
import { isClockTrusted } from '../server/clock-trust.ts';
import { BackupNotMade, copyDatabase } from './copy.ts';
import { backupName, claimBackupFolder, removeOldBackups, requireRoom } from './folder.ts';

export type BackupJob = Extract<Job, { kind: 'makeBackup' }>;

/** The records that stay. Files in the folder are listed without one. */
const keptRuns = 400;

export async function makeBackup(ctx: Context, job: BackupJob, signal: AbortSignal): Promise<void> {
  const name = begin(ctx, job);
  if (name === null) return;
  try {
    const facts = await write(ctx, name, signal);
    underLease(ctx.db, job, (tx) => {
      end(tx, ctx, job, { status: 'made', ...facts });
      complete(tx, ctx, job);
    });
    ctx.log('info', 'backup.made', { name, ...facts });
  } catch (error) {
    signal.throwIfAborted();
    const failure = failureOf(error);
    if (failure === null) throw error;
    underLease(ctx.db, job, (tx) => {
      recordFailure(tx, ctx, job, failure);
      complete(tx, ctx, job);
    });
    ctx.log('error', 'backup.notMade', { failure, message: (error as Error).message });
    return;
  }
  removeOld(ctx, name);
}

/** Notifies the owners. Call it in the transaction that ends the job. */
export function recordFailure(tx: Transaction, ctx: Context, job: BackupJob, failure: BackupFailure): void {
  const run = findRun(tx, job);
  if (!run || run.status === 'made') return;
  end(tx, ctx, job, { status: 'failed', failure });
  const data = { at: run.dueAt ?? run.createdAt, failure, href: '/server/backups' };
  notifyOwners(tx, ctx, { kind: 'backup.failed', data });
}

/** Records the attempt under a new name. Null when an earlier attempt has made the backup. */
function begin(ctx: Context, job: BackupJob): string | null {
  const { folder } = ctx.backups;
  const now = ctx.clock();
  const name = backupName(now);
  return underLease(ctx.db, job, (tx) => {
    const run = findRun(tx, job);
    if (!run || run.status === 'made') {
      complete(tx, ctx, job);
      return null;
    }
    clearAttempt(run);
    tx.update(backupRuns)
      .set({ status: 'running', startedAt: now, endedAt: null, failure: null, folder, name })
      .where(eq(backupRuns.id, run.id))
      .run();
    return name;
  });
}

/**
 * Clears away what an interrupted attempt left. Keeps a whole backup: the hub may have been restored from it, and the copy
 * of the database holds the attempt that was writing it.
 */
function clearAttempt({ folder, name }: typeof backupRuns.$inferSelect): void {
  if (folder === null || name === null) return;
  const path = join(folder, name);
  removePartials(path);
  if (!existsSync(path)) removeBackup(path);
}

async function write(ctx: Context, name: string, signal: AbortSignal) {
  const { folder } = ctx.backups;
  const database = ctx.db.$client.name;
  claimBackupFolder(ctx.backups, hubIdOf(ctx.db), { wasUsed: hasBackupsIn(ctx.db, folder) });
  requireRoom(ctx.backups, database, ctx.limits.spaceReserveBytes);
  return copyDatabase(database, join(folder, name), signal);
}

function hubIdOf(db: Reader): string {
  return db.select({ id: hub.id }).from(hub).limit(1).get()!.id;
}

function hasBackupsIn(db: Reader, folder: string): boolean {
  const made = and(eq(backupRuns.status, 'made'), eq(backupRuns.folder, folder));
  return db.select({ id: backupRuns.id }).from(backupRuns).where(made).limit(1).get() !== undefined;
}

/** Null for a bug, which the job retries. */
function failureOf(error: unknown): BackupFailure | null {
  if (error instanceof BackupNotMade) return error.failure;
  const fault = faultReasonOf(error);
  return fault ? failureByFault[fault] : null;
}

function findRun(db: Reader, { payload }: BackupJob) {
  return db.select().from(backupRuns).where(eq(backupRuns.id, payload.backupId)).get();
}

function end(
  tx: Transaction,
  ctx: Context,
  { payload }: BackupJob,
  outcome: Partial<typeof backupRuns.$inferInsert>,
): void {
  tx.update(backupRuns)
    .set({ endedAt: ctx.clock(), ...outcome })
    .where(and(eq(backupRuns.id, payload.backupId), ne(backupRuns.status, 'made')))
    .run();
  const old = tx
    .select({ id: backupRuns.id })
    .from(backupRuns)
    .orderBy(desc(backupRuns.createdAt))
    .limit(1000)
    .offset(keptRuns);
  tx.delete(backupRuns).where(inArray(backupRuns.id, old)).run();
}

/** Removes nothing while the clock is wrong: the names of backups carry their time. */
function removeOld(ctx: Context, made: string): void {
  if (!isClockTrusted(ctx)) return;
  const removed = removeOldBackups(ctx.backups, made, ctx.clock());
  if (removed.length > 0) ctx.log('info', 'backup.removedOld', { removed });
}
