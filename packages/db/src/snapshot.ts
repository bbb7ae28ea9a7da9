/** Reads the database as it is now, over many turns of the event loop, while others keep changing it. */
import Sqlite from 'better-sqlite3';
import { withTables, type Database } from './open.ts';

/** Uses a connection of its own: a transaction on the shared connection would include everybody's writes. */
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
