/**
 * Replaces the database of a stopped hub by a backup. First keeps the present one as a restore point. The replacement is one
 * rename, so that a crash at any moment leaves the old database or the new one.
 */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { sha256Of } from '@turnover/db/backup-files';
import { syncPath, writeBackup } from '@turnover/db/backup';
import { backupsFolder, databasePath } from '@turnover/db/data-folder';
import { DatabaseRefused } from '@turnover/db/database-refused';
import { endLog } from '@turnover/db/end-log';
import { markerName } from '@turnover/db/folder-markers';
import { lockDataFolder } from '@turnover/db/instance-lock';
import { newestAuditEntry } from '@turnover/db/read-backup';
import { BackupDamaged } from '@turnover/db/verify-backup';
import { faultReasonOf } from '@turnover/domain/requests/system-faults';
import { crashpoint } from '../crashpoints.ts';
import { vaultFile } from '../storage.ts';
import { writeFacts } from './restore-facts.ts';
import { markedFolders, type RestorePlan } from './restore-plan.ts';

/** `kept`: where the replaced database is; null when there was none. `isWhole`: it is a backup, which can be restored. */
export type Restored = { kept: string | null; isWhole: boolean };

const beforeRestore = '-before-restore.db';
const logs = ['-wal', '-shm'] as const;

/** `orderedBy`: the e-mail address of the owner who ordered it on the page. */
export function restore(plan: RestorePlan, clock: () => number, orderedBy: string | null = null): Restored {
  const { dataFolder } = plan;
  const staged = join(dataFolder, 'turnover.restoring');
  const lock = lockDataFolder(dataFolder);
  try {
    requireRoom(plan);
    const kept = plan.hasDatabase ? keepPresent(dataFolder, clock()) : { kept: null, isWhole: false };
    stage(plan, staged);
    crashpoint('restore.afterStage');
    takeBack(plan);
    if (plan.isOtherHub) removeMarkers(dataFolder);
    const restorePoint = kept.isWhole ? kept.kept : null;
    const replacedLog = restorePoint === null ? null : newestAuditEntry(restorePoint);
    writeFacts(dataFolder, { backup: plan.backup, orderedBy, restorePoint, replacedLog });
    crashpoint('restore.beforeReplace');
    renameSync(staged, databasePath(dataFolder));
    crashpoint('restore.afterReplace');
    syncPath(dataFolder);
    return kept;
  } catch (error) {
    throw refusalOf(error, dataFolder);
  } finally {
    rmSync(staged, { force: true });
    lock.release();
  }
}

/** The newest restore point that a restore made; undefined when there is none. */
export function latestRestorePoint(dataFolder: string): string | undefined {
  const folder = backupsFolder(dataFolder);
  if (!existsSync(folder)) return undefined;
  const latest = readdirSync(folder)
    .filter((name) => name.endsWith(beforeRestore))
    .sort()
    .at(-1);
  return latest && join(folder, latest);
}

function requireRoom({ dataFolder, content: { sizeBytes } }: RestorePlan): void {
  const path = databasePath(dataFolder);
  const present = ['', ...logs].reduce((sum, suffix) => sum + sizeOf(path + suffix), 0);
  const { bavail, bsize } = statfsSync(dataFolder);
  if (bavail * bsize > sizeBytes + present) return;
  throw noRoom(dataFolder, sizeBytes + present);
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function noRoom(dataFolder: string, bytes: number): DatabaseRefused {
  return new DatabaseRefused(
    `The disk of ${dataFolder} has no room: a restore needs about ${Math.ceil(bytes / 1024 ** 2)} MiB for the backup and for a restore point. ` +
      'Free some space and call this again. The database was not changed.',
  );
}

/** Copies the present database as a restore point, and puts the changes in its log into it. Sets a damaged one aside. */
function keepPresent(dataFolder: string, now: number): Restored {
  const path = databasePath(dataFolder);
  const time = new Date(now).toISOString().replaceAll(':', '-');
  const point = join(backupsFolder(dataFolder), `${time}${beforeRestore}`);
  try {
    endLog(path);
    writeBackup(path, point);
    crashpoint('restore.afterPoint');
    return { kept: point, isWhole: true };
  } catch (error) {
    if (!isDamage(error)) throw error;
    return { kept: setAside(path, join(backupsFolder(dataFolder), `${time}-damaged`)), isWhole: false };
  }
}

function isDamage(error: unknown): boolean {
  return error instanceof BackupDamaged || faultReasonOf(error) === 'damaged';
}

/** Keeps a damaged database with its log, for somebody who can repair it. Then only the file that is replaced remains. */
function setAside(path: string, folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const each of [path, ...logs.map((suffix) => path + suffix)]) {
    if (existsSync(each)) linkOrCopy(each, join(folder, basename(each)));
  }
  syncPath(folder);
  for (const suffix of logs) rmSync(path + suffix, { force: true });
  return folder;
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    // The folder may be on another disk.
    copyFileSync(from, to);
  }
}

/** Copies the backup beside the database, and compares the copy with the bytes that were checked. */
function stage({ backup, sha256 }: RestorePlan, staged: string): void {
  copyFileSync(backup, staged);
  chmodSync(staged, 0o600);
  syncPath(staged);
  if (sha256Of(staged) === sha256) return;
  throw new DatabaseRefused(
    `The copy of ${backup} differs from it. Look at the disks and call this again. The database was not changed.`,
  );
}

/** Files that were deleted after the backup was made. The old database does not miss or use them. */
function takeBack({ dataFolder, vault }: RestorePlan): void {
  for (const id of vault.takenBack) {
    const path = vaultFile(dataFolder, id);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    renameSync(join(dataFolder, 'quarantine', id), path);
    syncPath(dirname(path));
  }
}

/** The hub writes its own at the next start. */
function removeMarkers(dataFolder: string): void {
  for (const name of markedFolders) rmSync(join(dataFolder, name, markerName), { force: true });
}

function refusalOf(error: unknown, dataFolder: string): unknown {
  const reason = faultReasonOf(error);
  if (error instanceof DatabaseRefused || reason === undefined) return error;
  return new DatabaseRefused(
    `The restore into ${dataFolder} failed: ${(error as Error).message}. The database was not changed. Remove the cause and call this again.`,
    { cause: error },
  );
}
