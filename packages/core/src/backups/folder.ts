/**
 * The folder for backups. It carries the hub's marker, like the folders inside the data folder, so that nothing is written
 * into the mount point of a disk that is not mounted, and no other hub's backups are removed.
 */
import { existsSync, mkdirSync, readdirSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { removeBackup } from '@turnover/db/backup-files';
import { isEmptyFolder } from '@turnover/db/folder-access';
import { carriesMarker, readMarker, writeMarker } from '@turnover/db/folder-markers';
import { dayMs } from '@turnover/domain/days';
import type { BackupSettings } from '../context.ts';
import { BackupNotMade } from './copy.ts';

type Folder = Pick<BackupSettings, 'folder'>;

/** The name of a backup by the worker. Only such backups are removed when there are too many. */
const ownName = /^turnover-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z\.db$/;
const anyTime = /(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d\.\d{3})Z/;

export function backupName(now: number): string {
  return `turnover-${new Date(now).toISOString().replaceAll(':', '-')}.db`;
}

/** When the worker began the backup of this name; null for another file. */
export function timeOfName(name: string): number | null {
  return ownName.test(name) ? timeInName(name) : null;
}

/** The time in the name of any copy that the hub made; null without one. */
export function timeInName(name: string): number | null {
  const [, day, hours, minutes, seconds] = anyTime.exec(name) ?? [];
  return day === undefined ? null : Date.parse(`${day}T${hours}:${minutes}:${seconds}Z`);
}

/** Throws `BackupNotMade` unless the folder is there and belongs to this hub. `wasUsed`: the hub has made backups in it. */
export function claimBackupFolder(
  { folder }: Folder,
  hubId: string,
  { wasUsed }: { wasUsed: boolean },
): void {
  if (carriesMarker(folder, hubId)) return;
  const marker = readMarker(folder);
  if (marker === 'unreadable' || (marker !== 'missing' && marker.hubId !== hubId)) {
    throw new BackupNotMade('other_hub', `The folder ${folder} belongs to another hub.`);
  }
  if (existsSync(folder)) {
    if (wasUsed && isEmptyFolder(folder) && !isMountPoint(folder)) throw notMounted(folder);
  } else {
    // A folder outside of the data folder is made by a person: when it is missing, its disk is.
    if (!existsSync(join(dirname(folder), 'turnover.db'))) throw notMounted(folder);
    mkdirSync(folder, { mode: 0o700 });
  }
  writeMarker(folder, { hubId, folderId: null });
}

function notMounted(folder: string): BackupNotMade {
  return new BackupNotMade(
    'not_mounted',
    `The folder ${folder} is missing, or its disk is not mounted. Create the folder or mount the disk, or choose another folder with TURNOVER_BACKUPS.`,
  );
}

function isMountPoint(folder: string): boolean {
  return statSync(folder).dev !== statSync(dirname(folder)).dev;
}

/** Throws `BackupNotMade` unless the disk has room for a copy of the database, and `spareBytes` beyond that. */
export function requireRoom({ folder }: Folder, database: string, spareBytes: number): void {
  const { bavail, bsize } = statfsSync(folder);
  const needed = ['', '-wal'].reduce(
    (sum, suffix) => sum + (statSync(database + suffix, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
  const isSameDisk = statSync(folder).dev === statSync(database).dev;
  if (bavail * bsize >= needed + (isSameDisk ? spareBytes : 0)) return;
  throw new BackupNotMade('disk_full', `The disk of ${folder} has no room for a copy of the database.`);
}

/**
 * Removes the oldest backups beyond the number that is kept, and returns their names. Never removes `made`, which has just
 * been read back, nor files that are not backups by the worker.
 */
export function removeOldBackups({ folder, kept }: BackupSettings, made: string, now: number): string[] {
  const names = readdirSync(folder).filter((name) => timeOfName(name) !== null && name !== made);
  const byAge = names.sort((a, b) => rankOf(b, now) - rankOf(a, now));
  const old = byAge.slice(kept - 1);
  for (const name of old) removeBackup(join(folder, name));
  return old;
}

/** The time of the name. A backup from the future was made while the clock was wrong, so it counts as old. */
function rankOf(name: string, now: number): number {
  const time = timeOfName(name)!;
  return time > now + dayMs ? 0 : time;
}
