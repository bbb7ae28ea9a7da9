/** Databases for tests, with the real schema. */
import { writeFileSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { migrationsFolder, readMigrations } from './migration-files.ts';
import { openDatabase, withTables, type Database } from './open.ts';
import { runMigrations } from './run-migrations.ts';

/** The migrated, empty database. Migrating takes 40 ms, a copy 1 ms. */
let template: Buffer | undefined;

/** In memory, unless `path` names a file that several connections or processes can share. */
export function openTestDatabase(path?: string): Database {
  template ??= migrated();
  if (path === undefined) return openDatabase(template);
  writeFileSync(path, template);
  const db = openDatabase(path);
  // As after a start of the hub: the log is empty.
  db.$client.pragma('wal_checkpoint(TRUNCATE)');
  return db;
}

function migrated(): Buffer {
  const db = openDatabase(':memory:');
  runMigrations(db.$client, readMigrations(migrationsFolder), 0);
  const bytes = db.$client.serialize();
  db.$client.close();
  return bytes;
}

/** Opens the database as on a disk that became read-only. */
export function openReadOnly(path: string): Database {
  return withTables(new Sqlite(path, { readonly: true }));
}

/** What drizzle's queries go through, also those whose statement is kept: for tests that count them. */
export function queryClient(db: Database): Sqlite.Database {
  return (db as unknown as { session: { client: Sqlite.Database } }).session.client;
}
