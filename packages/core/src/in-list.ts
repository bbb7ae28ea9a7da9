/** `column in (…)` for lists of any length: the list travels as one parameter, where SQLite allows 32,766 of them. */
import { sql, type SQL } from 'drizzle-orm';
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core';

export function inList(column: SQLiteColumn | SQL, values: readonly string[]): SQL {
  return sql`${column} in (select value from json_each(${JSON.stringify(values)}))`;
}
