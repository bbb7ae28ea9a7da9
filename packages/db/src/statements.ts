/**
 * Caches drizzle's prepared statements. Drizzle builds and prepares each query again, which took a quarter of a worker's
 * time, although the same texts come again and again.
 */
import type Sqlite from 'better-sqlite3';

/** The most cached statements. Texts that contain a list differ with its length, so the least recently used ones are dropped. */
const maxKept = 500;
/** Longer texts are not cached, because they are rarely used twice. */
const maxKeptLength = 10_000;

/** Returns the client with a caching `prepare`. Use each statement before the same text is prepared again. */
export function keepStatements(client: Sqlite.Database): Sqlite.Database {
  const kept = new Map<string, Sqlite.Statement>();
  const keeping = Object.create(client) as Sqlite.Database;
  keeping.prepare = ((text: string) => {
    const known = kept.get(text);
    if (known) {
      // Deletes and adds the entry again, so that the map stays sorted by last use.
      kept.delete(text);
      kept.set(text, known);
      // The mode `raw` stays set on a statement, and not every query with this text wants it.
      return known.reader ? known.raw(false) : known;
    }
    const prepared = client.prepare(text);
    if (text.length > maxKeptLength) return prepared;
    kept.set(text, prepared);
    if (kept.size > maxKept) kept.delete(kept.keys().next().value!);
    return prepared;
  }) as Sqlite.Database['prepare'];
  return keeping;
}
