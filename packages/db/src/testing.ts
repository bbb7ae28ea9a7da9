/** Databases for tests, with the real schema. */
import Sqlite from 'better-sqlite3';
import { migrationsFolder, readMigrations } from './migration-files.ts';
import { openDatabase, withTables, type Database } from './open.ts';
import { runMigrations } from './run-migrations.ts';

/** In memory, unless `path` names a file that several connections or processes can share. */
export function openTestDatabase(path = ':memory:'): Database {
  const db = openDatabase(path);
  runMigrations(db.$client, readMigrations(migrationsFolder), 0);
  // As after a start of the hub: the file's mark is in the file itself, not only in its log.
  db.$client.pragma('wal_checkpoint(TRUNCATE)');
  return db;
}

/** Opens the database as on a disk that became read-only. */
export function openReadOnly(path: string): Database {
  return withTables(new Sqlite(path, { readonly: true }));
}
