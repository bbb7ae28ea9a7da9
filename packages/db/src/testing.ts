/** Databases for tests, with the real schema. */
import { migrationsFolder, readMigrations } from './migration-files.ts';
import { openDatabase, type Database } from './open.ts';
import { runMigrations } from './run-migrations.ts';

/** In memory unless `path` names a file, which several connections or processes can share. */
export function openTestDatabase(path = ':memory:'): Database {
  const db = openDatabase(path);
  runMigrations(db.$client, readMigrations(migrationsFolder), 0);
  return db;
}
