/**
 * Keeps the statements of drizzle prepared. It builds each query anew and prepares its text, which took a quarter of a worker's
 * time; the same texts come again and again.
 */
import type Sqlite from 'better-sqlite3';

/** Texts with a list of values in them differ with its length, so the ones that were not used for longest are let go. */
const maxKept = 500;
/** One that is longer is hardly used twice. */
const maxKeptLength = 10_000;

/** The same client, whose `prepare` returns a statement again that it has. Use each before the same text is prepared again. */
export function keepStatements(client: Sqlite.Database): Sqlite.Database {
  const kept = new Map<string, Sqlite.Statement>();
  const keeping = Object.create(client) as Sqlite.Database;
  keeping.prepare = ((text: string) => {
    const known = kept.get(text);
    if (known) {
      // Statements come in the order in which they were last used.
      kept.delete(text);
      kept.set(text, known);
      // `raw` stays with a statement, and not every query with this text wants it.
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
