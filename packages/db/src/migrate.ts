/**
 * Opens the database of a data folder and migrates it to the newest schema. Refuses a newer, damaged or foreign database, or
 * one on a network disk, before it writes anything; the message tells what to do. Makes a backup before a migration.
 */
import { chmodSync, existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { faultReasonOf } from '@turnover/domain/requests/system-faults';
import { writeBackup, syncPath } from './backup.ts';
import { removeBackup } from './backup-files.ts';
import { checkDatabase, notAccessible } from './check-database.ts';
import { backupsFolder, databasePath, makeDataFolder, refuseNetworkDisk, wasUsed } from './data-folder.ts';
import { DatabaseRefused } from './database-refused.ts';
import { refuseForeignFolder } from './folder-access.ts';
import { migrationsFolder, readMigrations, type Migration } from './migration-files.ts';
import { refuseUnmounted, type KnownFolders } from './known-folders.ts';
import { openDatabase, withTables, type Database } from './open.ts';
import { pendingMigrations, runMigrations } from './run-migrations.ts';
import { openSpaceReserve } from './space-reserve.ts';

export { DatabaseRefused };

export type OpenMigratedOptions = {
  /** Returns the time in epoch milliseconds. */
  clock: () => number;
  /** Called after all checks and before the first change. The web process takes its lock here. */
  beforeChange?: () => void;
  /** Called with an existing, sound database before the first change. Throws when it must not be opened. */
  inspect?: (db: Database) => void;
  /** The records of this machine's hubs. Without them, an empty folder counts as new. */
  known?: KnownFolders;
  migrationsFolder?: string;
  fileSystemType?: (folder: string) => number;
};

export function openMigrated(dataFolder: string, options: OpenMigratedOptions): Database {
  const migrations = readMigrations(options.migrationsFolder ?? migrationsFolder);
  const path = databasePath(dataFolder);
  refuseNetworkDisk(dataFolder, options.fileSystemType);
  refuseForeignFolder(dataFolder);
  const exists = existsSync(path);
  if (exists) {
    const { inspect } = options;
    withRoom(dataFolder, () =>
      checkDatabase(path, migrations, inspect && ((client) => inspect(withTables(client)))),
    );
  } else {
    refuseLostDatabase(dataFolder);
    if (options.known) refuseUnmounted(dataFolder, options.known);
  }
  options.beforeChange?.();
  if (!exists) createDatabase(dataFolder, migrations, options.clock());
  const db = withRoom(dataFolder, () => openOrRefuse(path));
  try {
    updateDatabase(db, dataFolder, migrations, options.clock());
    return db;
  } catch (error) {
    db.$client.close();
    throw error;
  }
}

function openOrRefuse(path: string): Database {
  try {
    return openDatabase(path);
  } catch (error) {
    throw notAccessible(path, error);
  }
}

/**
 * Refuses a folder with files but no database: a new, empty database would make the files unreachable and look like a fresh
 * start.
 */
function refuseLostDatabase(dataFolder: string): void {
  if (!wasUsed(dataFolder)) return;
  throw new DatabaseRefused(
    `The data folder ${dataFolder} holds files, but its database turnover.db is missing. Nothing was changed. ` +
      'Restore the database, or copy its latest backup from the folder backups to that name, or choose an empty folder with TURNOVER_DATA.',
  );
}

/** Renames the database into place when it is complete, so an empty file is never mistaken for an unfinished database. */
function createDatabase(dataFolder: string, migrations: readonly Migration[], now: number): void {
  makeDataFolder(dataFolder);
  const unfinished = join(dataFolder, 'turnover.new');
  for (const suffix of ['', '-wal', '-shm']) rmSync(unfinished + suffix, { force: true });
  const db = openOrRefuse(unfinished);
  try {
    chmodSync(unfinished, 0o600);
    runMigrations(db.$client, migrations, now);
  } finally {
    db.$client.close();
  }
  syncPath(unfinished);
  renameSync(unfinished, databasePath(dataFolder));
  syncPath(dataFolder);
}

function updateDatabase(
  db: Database,
  dataFolder: string,
  migrations: readonly Migration[],
  now: number,
): void {
  const [first] = pendingMigrations(db.$client, migrations);
  if (!first) return;
  const time = new Date(now).toISOString().replaceAll(':', '-');
  const backup = join(backupsFolder(dataFolder), `${time}-before-${first.name}.db`);
  try {
    writeBackup(databasePath(dataFolder), backup);
    runMigrations(db.$client, migrations, now);
  } catch (error) {
    // The backup only repeats the unchanged database, and the next attempt may need its space.
    removeBackup(backup);
    throw updateFailed(dataFolder, error);
  }
}

function updateFailed(dataFolder: string, error: unknown): DatabaseRefused {
  const reason = faultReasonOf(error);
  if (reason !== 'disk_full' && reason !== 'quota') {
    return new DatabaseRefused(
      `The update of the database failed and was undone: ${(error as Error).message} ` +
        'Start the previous version and report this message.',
      { cause: error },
    );
  }
  const databaseMiB = Math.ceil(statSync(databasePath(dataFolder)).size / 1024 / 1024);
  return new DatabaseRefused(
    `${reason === 'quota' ? 'The quota on the disk is used up' : 'The disk is full'}: the update of the database in ${dataFolder} was undone. ` +
      `It needs about ${3 * databaseMiB} MiB for a copy of the database and for the change. ` +
      'Free some space and start again; until then, the previous version still runs.',
    { cause: error },
  );
}

/** Opens with access to the space reserve, because a hub with a full disk must still start. */
function withRoom<Result>(dataFolder: string, open: () => Result): Result {
  for (;;) {
    try {
      return open();
    } catch (error) {
      if (faultReasonOf(error) !== 'disk_full' || !openSpaceReserve(dataFolder).giveUpPiece()) throw error;
    }
  }
}
