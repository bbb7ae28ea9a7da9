/** A copy of the database that is whole the moment it has its name: nothing half-written is ever called a backup. */
import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { randomBytes, randomInt } from 'node:crypto';
import { dirname } from 'node:path';
import Sqlite from 'better-sqlite3';

/** Blocks for as long as the copy takes: seconds for a large database, so a serving process calls it in a child. */
export function writeBackup(databasePath: string, target: string): void {
  const partial = `${target}.partial`;
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  rmSync(partial, { force: true });
  try {
    copyInto(databasePath, partial);
    chmodSync(partial, 0o600);
    markAsCopy(partial);
    syncPath(partial);
    checkCopy(partial);
    renameSync(partial, target);
    syncPath(dirname(target));
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

function copyInto(databasePath: string, partial: string): void {
  const client = new Sqlite(databasePath, { fileMustExist: true, timeout: 10_000 });
  try {
    client.prepare('VACUUM INTO ?').run(partial);
  } finally {
    client.close();
  }
}

/**
 * A copy says that it is one, so that the hub started from it ends what ends with the old box, and takes no log for its
 * own that lay beside another database. A database from before there were markers has no such row.
 */
function markAsCopy(partial: string): void {
  const copy = new Sqlite(partial);
  try {
    const has = copy.prepare("select 1 from sqlite_schema where name = 'hub'").get();
    if (has) copy.prepare('update hub set copy_id = ?').run(randomBytes(16).toString('hex'));
    // In the file's header, where it is read before any log is.
    copy.pragma(`user_version = ${randomInt(1, 2 ** 31)}`);
    // Out of a log into the file itself, and no file beside it.
    copy.pragma('journal_mode = DELETE');
  } finally {
    copy.close();
  }
}

/** A copy that is started is one no longer. At once in the file, so that its own log is not taken for another's. */
export function beginFromCopy(client: Sqlite.Database): void {
  if (client.pragma('user_version', { simple: true }) === 0) return;
  client.pragma('user_version = 0');
  client.pragma('wal_checkpoint(TRUNCATE)');
}

function checkCopy(partial: string): void {
  const copy = new Sqlite(partial, { readonly: true });
  try {
    const verdict = copy.pragma('integrity_check(1)', { simple: true });
    if (verdict !== 'ok')
      throw new Error('The copy of the database did not pass its check; no backup was made.');
  } finally {
    copy.close();
  }
}

/** A file's bytes, or a folder's names. */
export function syncPath(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
