/**
 * Allows one web process per data folder. Node cannot lock files, but SQLite can: the process holds an exclusive transaction
 * on a second, empty database. The system releases the lock however the process ends.
 */
import Sqlite from 'better-sqlite3';
import { makeDataFolder, webLockPath } from './data-folder.ts';
import { DatabaseRefused } from './database-refused.ts';

export type InstanceLock = { release(): void };

/** Keeps the connections reachable: the garbage collector closes a forgotten one, which would end its lock. */
const held = new Set<Sqlite.Database>();

export function lockDataFolder(dataFolder: string): InstanceLock {
  makeDataFolder(dataFolder);
  const client = new Sqlite(webLockPath(dataFolder), { timeout: 0 });
  try {
    client.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    client.close();
    if (!(error as { code?: string }).code?.startsWith('SQLITE_BUSY')) throw error;
    throw new DatabaseRefused(
      `Turnover is already running on the data folder ${dataFolder}. ` +
        'Stop it first, or choose another folder with TURNOVER_DATA.',
      { cause: error },
    );
  }
  held.add(client);
  return {
    release() {
      held.delete(client);
      client.close();
    },
  };
}
