/**
 * Runs migrations safely. Switches foreign keys off before the transaction: inside it the pragma has no effect, and
 * rebuilding a table would delete its child rows. Checks everything before the commit.
 */
import type Sqlite from 'better-sqlite3';
import { addMigrationFunctions } from './migration-functions.ts';
import type { Migration } from './migration-files.ts';
import { applicationId } from './open.ts';

export type AppliedMigration = { name: string; hash: string };

/** Runs all missing migrations in one transaction, so that the schema is either the old or the newest one. */
export function runMigrations(client: Sqlite.Database, migrations: readonly Migration[], now: number): void {
  client.pragma('foreign_keys = OFF');
  addMigrationFunctions(client, now);
  try {
    client.exec('BEGIN IMMEDIATE');
    try {
      client.exec(
        'CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, hash text NOT NULL, applied_at integer NOT NULL)',
      );
      const record = client.prepare('INSERT INTO migrations (name, hash, applied_at) VALUES (?, ?, ?)');
      for (const migration of pendingMigrations(client, migrations)) {
        for (const statement of migration.statements) client.exec(statement);
        record.run(migration.name, migration.hash, now);
      }
      const orphans = client.pragma('foreign_key_check') as { table: string }[];
      if (orphans.length > 0) throw new Error(`Rows of ${orphans[0]!.table} would refer to missing rows.`);
      client.pragma(`application_id = ${applicationId}`);
      client.exec('COMMIT');
    } catch (error) {
      if (client.inTransaction) client.exec('ROLLBACK');
      throw error;
    }
  } finally {
    client.pragma('foreign_keys = ON');
  }
}

export function pendingMigrations(client: Sqlite.Database, migrations: readonly Migration[]): Migration[] {
  const applied = new Set(appliedMigrations(client).map(({ name }) => name));
  return migrations.filter(({ name }) => !applied.has(name));
}

export function appliedMigrations(client: Sqlite.Database): AppliedMigration[] {
  return client.prepare('SELECT name, hash FROM migrations ORDER BY name').all() as AppliedMigration[];
}
