/** Paths of the database in the data folder, and the file systems on which the folder may be. */
import { mkdirSync, readdirSync, statfsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseRefused } from './database-refused.ts';

export const databasePath = (dataFolder: string) => join(dataFolder, 'turnover.db');
export const backupsFolder = (dataFolder: string) => join(dataFolder, 'backups');
export const webLockPath = (dataFolder: string) => join(dataFolder, 'web.lock');

/** Folders for people's files and for copies of the database. A new data folder has none of them. */
const usedFolders = ['vault', 'incoming', 'quarantine', 'derived', 'backups'];

/** Network file systems by `f_type` of statfs(2). SQLite's locks do not work on them, and WAL loses commits. */
const networkDisks: Record<number, string> = {
  0x6969: 'NFS',
  0x517b: 'SMB',
  0xff534d42: 'CIFS',
  0xfe534d42: 'SMB',
  0x5346414f: 'AFS',
  0x73757245: 'Coda',
  0x00c36400: 'Ceph',
  0x01021997: '9P',
};

export function fileSystemType(folder: string): number {
  return statfsSync(folder).type;
}

export function refuseNetworkDisk(
  dataFolder: string,
  typeOf: (folder: string) => number = fileSystemType,
): void {
  // Some platforms return the type as a signed number.
  const disk = networkDisks[typeOf(nearestExisting(dataFolder)) >>> 0];
  if (!disk) return;
  throw new DatabaseRefused(
    `The data folder ${dataFolder} is on a network disk (${disk}), where the database would be damaged. ` +
      'Set TURNOVER_DATA to a folder on a disk of this machine.',
  );
}

export function makeDataFolder(dataFolder: string): void {
  try {
    mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new DatabaseRefused(
      `The data folder ${dataFolder} cannot be created (${(error as NodeJS.ErrnoException).code}). ` +
        'Set TURNOVER_DATA to a folder in which this user may write.',
      { cause: error },
    );
  }
}

/** Whether the folder contains any trace of a database. */
export function wasUsed(dataFolder: string): boolean {
  const leftBehind = /^turnover\.(id|db-(wal|shm|journal))$/;
  if (namesIn(dataFolder).some((name) => leftBehind.test(name))) return true;
  return usedFolders.some((folder) => holdsFile(join(dataFolder, folder)));
}

function holdsFile(folder: string): boolean {
  return entriesOf(folder).some((entry) =>
    entry.isDirectory() ? holdsFile(join(folder, entry.name)) : true,
  );
}

function namesIn(folder: string): string[] {
  return entriesOf(folder).map(({ name }) => name);
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (/ENOENT|ENOTDIR/.test((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

function nearestExisting(folder: string): string {
  const path = resolve(folder);
  try {
    statfsSync(path);
    return path;
  } catch {
    return path === dirname(path) ? path : nearestExisting(dirname(path));
  }
}
