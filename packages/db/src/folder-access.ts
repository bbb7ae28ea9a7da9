/** Checks that this user can work in the data folder, before anything is opened. Writes nothing. */
import { accessSync, constants, lstatSync, readdirSync, readFileSync, statSync, type Stats } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseRefused } from './database-refused.ts';
import { refuseSplitFolders } from './one-disk.ts';

/** Files of the hub that must be readable and writable if they exist. */
const files = ['turnover.db', 'turnover.db-wal', 'turnover.db-shm', 'web.lock', 'worker.json', 'turnover.id'];
const folders = ['vault', 'incoming', 'quarantine', 'derived', 'backups'];

/**
 * Refuses a path that is not a folder, is read-only, belongs to another user, is not accessible or spans disks. Accepts a
 * missing path.
 */
export function refuseForeignFolder(dataFolder: string, uid: number | undefined = process.getuid?.()): void {
  const folder = resolve(dataFolder);
  const found = look(folder);
  if (!found) return;
  if (!found.isDirectory()) {
    throw new DatabaseRefused(
      `${folder} is not a folder. Set TURNOVER_DATA to a folder in which this user may write.`,
    );
  }
  refuseOtherOwner(folder, found, uid);
  requireAccess(folder, folder, 'folder', uid);
  for (const name of folders) {
    const path = join(folder, name);
    const below = look(path);
    if (!below) continue;
    if (!below.isDirectory()) throw notAFolder(path);
    requireAccess(path, folder, 'folder', uid);
  }
  for (const name of files) {
    const path = join(folder, name);
    const file = look(path);
    if (file?.isFile()) requireAccess(path, folder, 'file', uid);
  }
  refuseSplitFolders(folder);
}

/** Undefined when nothing exists there. Refuses a dangling symbolic link, because the disk of its target is missing. */
function look(path: string): Stats | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found) return found;
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return undefined;
  throw new DatabaseRefused(
    `${path} is a link to a place that does not exist. Its disk is probably not mounted: mount it and start again. ` +
      'Nothing was changed.',
  );
}

/** Refuses root in another user's folder: root could write, but its files would lock that user out at the next start. */
function refuseOtherOwner(folder: string, found: Stats, uid: number | undefined): void {
  if (uid !== 0 || found.uid === 0) return;
  const owner = nameOf(found.uid);
  throw new DatabaseRefused(
    `The data folder ${folder} belongs to ${owner}, but Turnover runs as root: ${owner} could not open files that root creates there. ` +
      `Start Turnover as ${owner}, or give the folder to root: chown -R root ${quoted(folder)}. Nothing was changed.`,
  );
}

function requireAccess(path: string, dataFolder: string, what: 'folder' | 'file', uid: number | undefined) {
  const { R_OK, W_OK, X_OK } = constants;
  try {
    accessSync(path, what === 'folder' ? R_OK | W_OK | X_OK : R_OK | W_OK);
  } catch (error) {
    throw refusal(path, dataFolder, what, (error as NodeJS.ErrnoException).code ?? '', uid);
  }
}

function refusal(
  path: string,
  dataFolder: string,
  what: 'folder' | 'file',
  code: string,
  uid: number | undefined,
): DatabaseRefused {
  if (code === 'EROFS') {
    return new DatabaseRefused(
      `The ${what} ${path} is on a disk that is mounted read-only. Find the cause in the system's log, mount the disk for writing ` +
        `(mount -o remount,rw …) and start again. Nothing was changed.`,
    );
  }
  const owner = ownerOf(path);
  const me = uid === undefined ? 'this user' : nameOf(uid);
  return new DatabaseRefused(
    `The ${what} ${path} cannot be read and written by ${me}; it belongs to ${owner}. ` +
      `Start Turnover as ${owner}, or give the data folder to ${me}: ` +
      `chown -R ${me} ${quoted(dataFolder)} && chmod -R u+rwX ${quoted(dataFolder)}. Nothing was changed.`,
  );
}

function notAFolder(path: string): DatabaseRefused {
  return new DatabaseRefused(
    `${path} is not a folder, and Turnover keeps files there. Move it away or restore the folder. Nothing was changed.`,
  );
}

export function ownerOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? nameOf(found.uid) : 'nobody';
}

/** The user's name from the system's list, or the number without one. */
function nameOf(uid: number): string {
  try {
    const line = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((each) => each.split(':')[2] === String(uid));
    return line?.split(':')[0] || `user ${uid}`;
  } catch {
    return `user ${uid}`;
  }
}

function quoted(path: string): string {
  return /^[\w/.@-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

/** Whether the folder exists and is empty, as an unmounted mount point is. */
export function isEmptyFolder(folder: string): boolean {
  try {
    // ext4 creates a folder `lost+found` at the top of each disk.
    return readdirSync(folder).every((name) => name === 'lost+found');
  } catch {
    return false;
  }
}
