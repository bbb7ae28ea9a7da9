/**
 * Copies the database. The copy gets its final name only when it is complete, so an incomplete file never looks like a
 * backup.
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { randomBytes, randomInt } from 'node:crypto';
import { basename, dirname } from 'node:path';
import Sqlite from 'better-sqlite3';
import { backupFiles, hashLines, partialOf, removePartials, type BackupFiles } from './backup-files.ts';
import { writeManifest } from './vault-manifest.ts';
import { checkCopy } from './verify-backup.ts';

/**
 * Writes a backup: the database to `target`, and the other files of a backup beside it (`backup-files.ts`). Blocks while it
 * copies, which takes seconds for a large database, so a serving process runs it in a child process.
 */
export function writeBackup(databasePath: string, target: string): void {
  const files = backupFiles(target);
  const database = partialOf(files.database);
  const manifest = partialOf(files.manifest);
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  removePartials(target);
  try {
    copyInto(databasePath, database);
    chmodSync(database, 0o600);
    markAsCopy(database);
    syncPath(database);
    checkCopy(database);
    listVault(database, manifest);
    const hashed = [
      { path: database, name: basename(files.database) },
      { path: manifest, name: basename(files.manifest) },
    ];
    writeFileSync(partialOf(files.hashes), hashLines(hashed), { mode: 0o600, flush: true });
    putInPlace(files);
    syncPath(dirname(target));
  } finally {
    removePartials(target);
  }
}

/**
 * The database gets its name last. Where another backup has that name, it is replaced in one step, and its other files are
 * removed before: they would not fit the new database.
 */
function putInPlace({ database, manifest, hashes }: BackupFiles): void {
  const others = [manifest, hashes];
  const place = (path: string) => renameSync(partialOf(path), path);
  if (!existsSync(database)) {
    others.forEach(place);
    place(database);
    return;
  }
  others.forEach((path) => rmSync(path, { force: true }));
  place(database);
  others.forEach(place);
}

function listVault(database: string, manifest: string): void {
  const copy = new Sqlite(database, { readonly: true });
  try {
    writeManifest(copy, manifest);
  } finally {
    copy.close();
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

/** Syncs a file's bytes or a folder's names. */
export function syncPath(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
