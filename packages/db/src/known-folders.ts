/**
 * Records outside of the data folder which hubs this machine has run: an empty mount point alone does not show that a hub's
 * data is on the missing disk. There is one small file for each data folder.
 */
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { databasePath } from './data-folder.ts';
import { DatabaseRefused } from './database-refused.ts';
import { isEmptyFolder } from './folder-access.ts';
import { unescapeMountPoint } from './mount-table.ts';

type Remembered = {
  folder: string;
  hubId: string;
  /** The mount point of the disk that held the folder. */
  mountPoint: string;
  at: number;
};

export type KnownFolders = {
  /** The folder of the records. */
  stateFolder: string;
  /** The id of a hub whose data may be given up on purpose (`TURNOVER_START_ANEW`). */
  startAnew?: string | undefined;
  fstab?: string;
};

/** The most records. Tests create many folders, so only the latest records are kept. */
const maxRemembered = 200;

export function defaultStateFolder(): string {
  try {
    return join(homedir(), '.local', 'state', 'turnover');
  } catch {
    // Service users often have no home folder.
    return '/var/lib/turnover';
  }
}

/** Refuses to create a hub in a folder where one existed, or where fstab lists a disk that is not mounted. */
export function refuseUnmounted(dataFolder: string, { stateFolder, startAnew, fstab }: KnownFolders): void {
  const folder = resolve(dataFolder);
  if (statSync(databasePath(folder), { throwIfNoEntry: false })) return;
  const known = recall(stateFolder, folder);
  if (known && known.hubId !== startAnew && isVanished(folder, known)) {
    throw new DatabaseRefused(
      `The data folder ${folder} is empty, but it held the hub ${known.hubId}: its disk (mounted at ${known.mountPoint} then) ` +
        'is probably not mounted. Mount it and start again. ' +
        `To give up that hub and start a new one there, start once with TURNOVER_START_ANEW=${known.hubId}. Nothing was changed.`,
    );
  }
  const unmounted = unmountedAbove(folder, fstab ?? '/etc/fstab');
  if (unmounted) {
    throw new DatabaseRefused(
      `The data folder ${folder} is on a disk that /etc/fstab mounts at ${unmounted}, but that is not mounted now. ` +
        `Mount it (mount ${unmounted}) and start again, or choose another folder with TURNOVER_DATA. Nothing was changed.`,
    );
  }
}

/**
 * Whether the data of a known hub is missing. A folder that is missing from a mounted disk was deleted on purpose; an empty
 * folder may be a mount point.
 */
function isVanished(folder: string, known: Remembered): boolean {
  if (statSync(folder, { throwIfNoEntry: false })) return isEmptyFolder(folder);
  return mountPointOf(folder) !== known.mountPoint;
}

/** Returns false when the record cannot be written. The hub runs without it, and the caller logs it once. */
export function rememberFolder(stateFolder: string, dataFolder: string, hubId: string, now: number): boolean {
  const folder = resolve(dataFolder);
  const known: Remembered = { folder, hubId, mountPoint: mountPointOf(folder), at: now };
  try {
    mkdirSync(folderOf(stateFolder), { recursive: true, mode: 0o700 });
    for (const path of pathsOf(stateFolder, folder)) {
      const unfinished = `${path}.${process.pid}`;
      writeFileSync(unfinished, `${JSON.stringify(known)}\n`, { mode: 0o600 });
      renameSync(unfinished, path);
    }
    forgetOldest(stateFolder);
    return true;
  } catch {
    return false;
  }
}

function recall(stateFolder: string, folder: string): Remembered | undefined {
  for (const path of pathsOf(stateFolder, folder)) {
    try {
      const known = JSON.parse(readFileSync(path, 'utf8')) as Partial<Remembered>;
      if (typeof known.hubId === 'string' && typeof known.mountPoint === 'string') return known as Remembered;
    } catch {
      // A missing or damaged record counts as no record.
    }
  }
  return undefined;
}

/** The record files of the given path and of the path it resolves to: at the next start either may exist. */
function pathsOf(stateFolder: string, folder: string): string[] {
  return [...new Set([folder, realOf(folder)])].map((each) =>
    join(folderOf(stateFolder), `${createHash('sha256').update(each).digest('hex').slice(0, 32)}.json`),
  );
}

const folderOf = (stateFolder: string) => join(stateFolder, 'folders');

function forgetOldest(stateFolder: string): void {
  const names = readdirSync(folderOf(stateFolder)).filter((name) => name.endsWith('.json'));
  if (names.length <= maxRemembered) return;
  const paths = names.map((name) => join(folderOf(stateFolder), name));
  const aged = paths.map((path) => ({ path, at: statSync(path).mtimeMs })).sort((a, b) => b.at - a.at);
  for (const { path } of aged.slice(maxRemembered)) rmSync(path, { force: true });
}

/** Resolves symbolic links in the existing part of the path. */
function realOf(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    const above = dirname(folder);
    return above === folder ? folder : join(realOf(above), basename(folder));
  }
}

/** The topmost folder on the same disk as `folder`, or as its nearest existing parent. */
export function mountPointOf(folder: string): string {
  let path = realOf(folder);
  while (!deviceOf(path) && dirname(path) !== path) path = dirname(path);
  const device = deviceOf(path);
  while (dirname(path) !== path && deviceOf(dirname(path)) === device) path = dirname(path);
  return path;
}

function deviceOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.dev;
}

/**
 * A mount point of `fstab` at or above the folder where nothing is mounted (it is on its parent's disk); undefined without
 * one.
 */
function unmountedAbove(folder: string, fstab: string): string | undefined {
  const real = realOf(folder);
  return mountPointsOf(fstab).find(
    (point) =>
      (real === point || real.startsWith(`${point}/`)) && deviceOf(point) === deviceOf(dirname(point)),
  );
}

function mountPointsOf(fstab: string): string[] {
  let text: string;
  try {
    text = readFileSync(fstab, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const [device = '#', point = '', type = ''] = line.trim().split(/\s+/);
    if (device.startsWith('#') || !point.startsWith('/') || point === '/') return [];
    if (type === 'swap' || /\bbind\b/.test(line)) return [];
    return [unescapeMountPoint(point)];
  });
}
