/** Reads the database as it is now, over many turns of the event loop, while others go on changing it. */
import Sqlite from 'better-sqlite3';
import { withTables, type Database } from './open.ts';

/** Uses its own connection: a transaction of the usual one would take in the writes of everybody. */
export async function inSnapshot<Result>(
  { $client: { name: path } }: Database,
  read: (db: Database) => Promise<Result>,
): Promise<Result> {
  const client = new Sqlite(path, { readonly: true });
  try {
    client.pragma('temp_store = MEMORY');
    client.exec('begin');
    return await read(withTables(client));
  } finally {
    client.close();
  }
}
