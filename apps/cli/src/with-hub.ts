/** Opens the hub of the data folder for one command, whether a web process is running or not. */
import { existsSync } from 'node:fs';
import { backupsOf, limitsOf, type Config } from '@turnover/config/config';
import { requireMarkers } from '@turnover/core/server/claim-folder';
import type { Context } from '@turnover/core/context';
import { idsFrom } from '@turnover/core/ids';
import { openLocalStorage } from '@turnover/core/storage';
import { databasePath } from '@turnover/db/data-folder';
import { DatabaseRefused } from '@turnover/db/database-refused';
import { refuseForeignFolder } from '@turnover/db/folder-access';
import { lockDataFolder } from '@turnover/db/instance-lock';
import { defaultStateFolder, refuseUnmounted } from '@turnover/db/known-folders';
import { openMigrated } from '@turnover/db/migrate';
import { migrationsFolder, readMigrations } from '@turnover/db/migration-files';
import { openDatabase, type Database } from '@turnover/db/open';
import { pendingMigrations } from '@turnover/db/run-migrations';

const clock = Date.now;

export function withHub<Result>(
  config: Config,
  work: (ctx: Context) => Result | Promise<Result>,
): Promise<Result> {
  return withDatabase(config, open(config), work);
}

/** As `withHub`, but refuses a database of another version instead of migrating it. */
export function withUnchangedHub<Result>(
  config: Config,
  work: (ctx: Context) => Result | Promise<Result>,
): Promise<Result> {
  const db = openDatabase(requireDatabase(config.dataFolder));
  if (pendingMigrations(db.$client, readMigrations(migrationsFolder)).length > 0) {
    db.$client.close();
    throw new DatabaseRefused(
      'The database is of an earlier version. Start the hub once with this version, and call this again. Nothing was changed.',
    );
  }
  return withDatabase(config, db, work);
}

async function withDatabase<Result>(
  config: Config,
  db: Database,
  work: (ctx: Context) => Result | Promise<Result>,
): Promise<Result> {
  const { dataFolder } = config;
  try {
    requireMarkers(db, dataFolder);
    return await work({
      db,
      clock,
      newId: idsFrom(clock),
      storage: await openLocalStorage(dataFolder),
      limits: limitsOf(config),
      backups: backupsOf(config),
      mail: { configured: config.smtpUrl !== undefined },
      log: () => {},
      caller: { via: 'command', viaId: null, address: null },
    });
  } finally {
    db.$client.close();
  }
}

export function requireDatabase(dataFolder: string): string {
  const path = databasePath(dataFolder);
  if (existsSync(path)) return path;
  throw new DatabaseRefused(
    `There is no database in ${dataFolder}. Start Turnover once, or name the right folder with TURNOVER_DATA.`,
  );
}

/** Opens the database. A running web process has already migrated it; otherwise this takes the lock and migrates it. */
function open({ dataFolder, stateFolder, startAnew }: Config): Database {
  const known = { stateFolder: stateFolder ?? defaultStateFolder(), startAnew };
  refuseForeignFolder(dataFolder);
  // Runs before the lock is taken, because the lock would create a folder and a file on the mount point of an unmounted disk.
  if (!existsSync(databasePath(dataFolder))) refuseUnmounted(dataFolder, known);
  let lock;
  try {
    lock = lockDataFolder(dataFolder);
  } catch (error) {
    if (error instanceof DatabaseRefused && existsSync(databasePath(dataFolder))) {
      return openDatabase(databasePath(dataFolder));
    }
    throw error;
  }
  try {
    return openMigrated(dataFolder, { clock, known });
  } finally {
    lock.release();
  }
}
