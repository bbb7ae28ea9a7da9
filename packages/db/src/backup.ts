/**
 * Copies the database. The copy gets its final name only when it is complete, so an incomplete file never looks like a
 * backup.
 */
import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { randomBytes, randomInt } from 'node:crypto';
import { dirname } from 'node:path';
import Sqlite from 'better-sqlite3';

/** Blocks while it copies, which takes seconds for a large database, so a serving process runs it in a child process. */
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
 * Marks the copy as a backup. A hub started from it ends old access, and refuses a log file next to it, because that belongs
 * to another database. Databases older than folder markers have no table `hub`.
 */
function markAsCopy(partial: string): void {
  const copy = new Sqlite(partial);
  try {
    const has = copy.prepare("select 1 from sqlite_schema where name = 'hub'").get();
    if (has) copy.prepare('update hub set copy_id = ?').run(randomBytes(16).toString('hex'));
    // Stored in the header of the file, which is read before any log.
    copy.pragma(`user_version = ${randomInt(1, 2 ** 31)}`);
    // Moves the log's content into the file, so that no other file remains beside it.
    copy.pragma('journal_mode = DELETE');
  } finally {
    copy.close();
  }
}

/** Removes the mark when a hub starts from the copy. Written to the file at once, so that the new log is accepted. */
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
      throw new Error('The copy of the database failed its check; no backup was created.');
  } finally {
    copy.close();
  }
}

/** Syncs a file's bytes or a folder's names. */
export function syncPath(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
