/** Says what these sources would change in a data folder, and changes nothing there. */
import { existsSync, statfsSync, statSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { checkDatabase } from './check-database.ts';
import { databasePath, webLockPath } from './data-folder.ts';
import { migrationsFolder, readMigrations } from './migration-files.ts';
import { appliedMigrations, pendingMigrations } from './run-migrations.ts';

export type UpdatePreview = {
  /** The newest migration that the database has. */
  latest: string | undefined;
  /** The migrations that would run, in order. */
  pending: string[];
  /** The space for the copy before the update and for the change; 0 when nothing would run. */
  neededBytes: number;
  freeBytes: number;
  /** Whether a web process uses the folder now. */
  isRunning: boolean;
};

/** Copy, changed pages and the log beside them: the figure that a failed update names too. */
const updateFactor = 3;

/** Throws DatabaseRefused for a database that these sources would not open. */
export function previewUpdate(dataFolder: string, folder = migrationsFolder): UpdatePreview {
  const path = databasePath(dataFolder);
  const migrations = readMigrations(folder);
  let latest: string | undefined;
  let pending: string[] = [];
  checkDatabase(path, migrations, (client) => {
    latest = appliedMigrations(client).at(-1)?.name;
    pending = pendingMigrations(client, migrations).map(({ name }) => name);
  });
  const { bavail, bsize } = statfsSync(dataFolder);
  return {
    latest,
    pending,
    neededBytes: pending.length === 0 ? 0 : updateFactor * (sizeOf(path) + sizeOf(`${path}-wal`)),
    freeBytes: bavail * bsize,
    isRunning: isLocked(dataFolder),
  };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Looks at the lock without taking it. */
function isLocked(dataFolder: string): boolean {
  if (!existsSync(webLockPath(dataFolder))) return false;
  const client = new Sqlite(webLockPath(dataFolder), { readonly: true, timeout: 0 });
  try {
    client.prepare('SELECT count(*) FROM sqlite_master').get();
    return false;
  } catch (error) {
    return Boolean((error as { code?: string }).code?.startsWith('SQLITE_BUSY'));
  } finally {
    client.close();
  }
}
