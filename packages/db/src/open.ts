/** Opens the database in the only allowed way: sets every durability setting and checks that it took effect. */
import Sqlite from 'better-sqlite3';
import { drizzle, type BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import { keepStatements } from './statements.ts';

export type Database = BetterSQLite3Database & { $client: Sqlite.Database };
export type Transaction = Parameters<Parameters<BetterSQLite3Database['transaction']>[0]>[0];
/** A database or a transaction, for code that only reads. */
export type Reader = Database | Transaction;

/** The oldest allowed SQLite: the WAL-reset bug of 3.7.0 to 3.51.2 corrupts databases with several writing processes. */
const oldestSqlite = [3, 52];

/** The application id 'TurN' in the file header marks the file as Turnover's. */
export const applicationId = 0x5475724e;

/** The longest wait for another writer in processes that may block: the command line, and a starting server. */
const usualWaitMs = 10_000;

/** Opens the file at a path, or a copy in memory of a serialized database. */
export function openDatabase(source: string | Buffer): Database {
  const client = new Sqlite(source);
  applyPragmas(client);
  return withTables(client);
}

/** Sets how long a transaction may block the process while it waits for another writer. */
export function setWaitMs(db: Database, waitMs: number): void {
  db.$client.pragma(`busy_timeout = ${waitMs}`);
}

export function withTables(client: Sqlite.Database): Database {
  return Object.assign(drizzle(keepStatements(client)), { $client: client });
}

function applyPragmas(client: Sqlite.Database): void {
  const version = client.prepare('select sqlite_version()').pluck().get() as string;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < oldestSqlite[0]! || (major === oldestSqlite[0] && minor < oldestSqlite[1]!)) {
    throw new Error(`SQLite ${version} is too old: ${oldestSqlite.join('.')} or later is needed.`);
  }
  client.pragma(`busy_timeout = ${usualWaitMs}`);
  client.pragma('journal_mode = WAL');
  // better-sqlite3 is compiled with NORMAL under WAL, which lost acknowledged commits at every simulated power cut.
  client.pragma('synchronous = FULL');
  client.pragma('foreign_keys = ON');
  client.pragma('trusted_schema = OFF');
  // Sorting must not fail when the disk for temporary files is full.
  client.pragma('temp_store = MEMORY');
  client.pragma(`journal_size_limit = ${64 * 1024 * 1024}`);
  const wanted = { synchronous: 2, foreign_keys: 1, trusted_schema: 0 };
  for (const [pragma, value] of Object.entries(wanted)) {
    if (client.pragma(pragma, { simple: true }) !== value)
      throw new Error(`SQLite refused ${pragma} = ${value}.`);
  }
}
