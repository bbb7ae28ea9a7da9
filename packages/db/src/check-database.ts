/** Checks a database before it is opened, and refuses one that must not be changed. Writes nothing. */
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { faultReasonOf } from '@turnover/domain/requests/system-faults';
import { checkLog, foreign } from './check-log.ts';
import { checkSchema } from './check-schema.ts';
import { DatabaseRefused } from './database-refused.ts';
import type { Migration } from './migration-files.ts';
import { applicationId } from './open.ts';
import { appliedMigrations, type AppliedMigration } from './run-migrations.ts';

const magic = 'SQLite format 3\0';
const headerBytes = 100;
const pageCountOffset = 28;
const userVersionOffset = 60;
const applicationIdOffset = 68;
/** Position of the two header bytes that tell whether the database uses a write-ahead log. */
const logModeOffset = 18;
/** Larger files are not read into memory, because it would only improve an error message. */
const maxReadBytes = 1024 ** 3;

/** Throws `DatabaseRefused` unless the file is a sound database of this or of an older version. */
export function checkDatabase(
  path: string,
  migrations: readonly Migration[],
  inspect?: (client: Sqlite.Database) => void,
): void {
  checkHeader(path);
  readChecked(path, (client) => {
    const applied = appliedMigrations(client);
    checkMigrations(path, applied, migrations);
    checkSchema(path, client, inOrder(client), migrations);
    inspect?.(client);
  });
}

/** The names of the applied migrations in the order in which they ran, which is the order of the rows. */
function inOrder(client: Sqlite.Database): string[] {
  return client.prepare('SELECT name FROM migrations ORDER BY rowid').pluck().all() as string[];
}

function checkMigrations(
  path: string,
  applied: readonly AppliedMigration[],
  migrations: readonly Migration[],
): void {
  const known = new Map(migrations.map(({ name, hash }) => [name, hash]));
  const unknown = applied.find(({ name }) => !known.has(name));
  if (unknown) {
    throw new DatabaseRefused(
      `The database ${path} was created by a newer version of Turnover (it has ${unknown.name}). ` +
        'Start that version again, or replace the database by a backup of this version (folder backups).',
    );
  }
  const different = applied.find(({ name, hash }) => known.get(name) !== hash);
  if (different) {
    throw new DatabaseRefused(
      `The database ${path} was created by another build of Turnover (its ${different.name} differs). ` +
        'Start that build again, or choose another data folder with TURNOVER_DATA.',
    );
  }
}

function checkHeader(path: string): void {
  const header = readHeader(path);
  if (header.length < headerBytes || header.toString('latin1', 0, magic.length) !== magic) {
    throw damaged(path, 'it is not a database file');
  }
  if (header.readUInt32BE(applicationIdOffset) !== applicationId) {
    throw new DatabaseRefused(
      `The file ${path} is a database of another program, and Turnover leaves it alone. ` +
        'Choose another data folder with TURNOVER_DATA, or move that file away.',
    );
  }
  checkLog(path, {
    pageBytes: pageBytesOf(header),
    isUnstartedCopy: header.readUInt32BE(userVersionOffset) !== 0,
  });
  // SQLite reads a truncated last page as if it ended with zeros. With a log next to it, the file may still grow.
  const expectedBytes = header.readUInt32BE(pageCountOffset) * pageBytesOf(header);
  if (!existsSync(`${path}-wal`) && statSync(path).size < expectedBytes)
    throw damaged(path, 'its end is missing');
}

function pageBytesOf(header: Buffer): number {
  const written = header.readUInt16BE(16);
  return written === 1 ? 65_536 : written;
}

function readHeader(path: string): Buffer {
  const buffer = Buffer.alloc(headerBytes);
  try {
    const descriptor = openSync(path, 'r');
    try {
      return buffer.subarray(0, readSync(descriptor, buffer, 0, headerBytes, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw notAccessible(path, error);
  }
}

function readChecked(path: string, read: (client: Sqlite.Database) => void): void {
  // Asked before the connection, which leaves a log of its own while it is open.
  const hasLog = existsSync(`${path}-wal`);
  const isOfAnother = () => hasLog && isSoundAlone(path);
  let client: Sqlite.Database | undefined;
  try {
    // Closing a writable connection would merge an existing log into the file. Without a log, a read-only connection would
    // leave an empty log behind.
    client = new Sqlite(path, { readonly: hasLog, timeout: 10_000 });
    const verdict = client.pragma('quick_check(1)', { simple: true });
    if (verdict !== 'ok') throw isOfAnother() ? foreign(path) : damaged(path, 'its check failed');
    read(client);
  } catch (error) {
    if (error instanceof DatabaseRefused) throw error;
    const code = (error as { code?: string }).code ?? '';
    if (!/^SQLITE_(CORRUPT|NOTADB|ERROR)/.test(code)) throw notAccessible(path, error);
    throw isOfAnother() ? foreign(path) : damaged(path, 'it cannot be read', error);
  } finally {
    client?.close();
  }
}

/** Whether the database is sound without the log next to it. If so, the log belongs to another database. */
function isSoundAlone(path: string): boolean {
  if (statSync(path).size > maxReadBytes) return false;
  const bytes = readFileSync(path);
  bytes.fill(1, logModeOffset, logModeOffset + 2);
  try {
    const alone = new Sqlite(bytes);
    try {
      return alone.pragma('quick_check(1)', { simple: true }) === 'ok' && appliedMigrations(alone).length > 0;
    } finally {
      alone.close();
    }
  } catch {
    return false;
  }
}

function damaged(path: string, why: string, cause?: unknown): DatabaseRefused {
  return new DatabaseRefused(
    `The database ${path} is damaged: ${why}. Nothing was changed. ` +
      'Move it and the files beside it that begin with turnover.db away, and put the latest backup in its place (folder backups).',
    { cause },
  );
}

export function notAccessible(path: string, error: unknown): DatabaseRefused {
  const reason = faultReasonOf(error);
  if (reason === 'disk_full' || reason === 'quota') {
    return new DatabaseRefused(
      `${reason === 'quota' ? 'The quota on the disk is used up' : 'The disk is full'}: the database ${path} cannot be opened without some free space. ` +
        'Free some space and start again. Nothing was changed.',
      { cause: error },
    );
  }
  const code = (error as { code?: string }).code ?? 'unknown error';
  return new DatabaseRefused(
    `The database ${path} cannot be opened (${code}). ` +
      'It and its folder must be readable and writable for the user who runs Turnover; look at their owner and at the disk.',
    { cause: error },
  );
}
