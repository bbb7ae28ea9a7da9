/** Compares the rows of a database before and after its migrations: each row must still be there, with the same values. */
import type Sqlite from 'better-sqlite3';
import { dataTables, type Value } from './filled-tables.ts';

export type Row = Record<string, Value>;
export type Rows = Map<string, Map<string, Row>>;

/** What a migration does to the rows of a table on purpose. Anything else is a loss. */
export type DeclaredChange = {
  migration: string;
  table: string;
  why: string;
  /** The rows that it computes or removes. Without it, all of them. */
  where?: (row: Row, before: Rows) => boolean;
  /** Columns whose values it computes anew. */
  computes?: readonly string[];
  /** The new names of columns; null for columns that it removes. */
  renames?: Record<string, string | null>;
  removes?: true;
  /** It writes rows of its own. */
  adds?: true;
  /** It removes the table. */
  drops?: true;
};

/** The rows of each table by their primary key. */
export function readRows(client: Sqlite.Database): Rows {
  return new Map(dataTables(client).map((table) => [table, rowsOf(client, table)]));
}

function rowsOf(client: Sqlite.Database, table: string): Map<string, Row> {
  const columns = client.pragma(`table_info("${table}")`) as { name: string; pk: number }[];
  const keys = columns.filter(({ pk }) => pk > 0).map(({ name }) => name);
  const rows = client.prepare(`SELECT * FROM "${table}"`).all() as Row[];
  return new Map(rows.map((row) => [JSON.stringify(keys.map((key) => row[key])), row]));
}

/** Returns a sentence for each difference that no change declares. */
export function lostRows(before: Rows, after: Rows, declared: readonly DeclaredChange[]): string[] {
  return [...before].flatMap(([table, rows]) => {
    const changes = declared.filter((change) => change.table === table);
    const now = after.get(table);
    if (!now) return changes.some(({ drops }) => drops) ? [] : [`the table ${table} is gone`];
    const added = [...now.keys()].filter((key) => !rows.has(key));
    const isAdding = added.length > 0 && !changes.some(({ adds }) => adds);
    return [
      ...(isAdding ? [`${table} has ${added.length} more rows`] : []),
      ...[...rows].flatMap(([key, row]) => {
        const ofRow = changes.filter(({ where }) => where?.(row, before) ?? true);
        return differencesOf(row, now.get(key), ofRow).map((difference) => `${table} ${key} ${difference}`);
      }),
    ];
  });
}

function differencesOf(row: Row, now: Row | undefined, changes: readonly DeclaredChange[]): string[] {
  if (!now) return changes.some(({ removes }) => removes) ? [] : ['is gone'];
  const computed = new Set(changes.flatMap(({ computes = [] }) => computes));
  const renamed = new Map(changes.flatMap(({ renames = {} }) => Object.entries(renames)));
  return Object.entries(row).flatMap(([column, value]) => {
    const name = renamed.has(column) ? renamed.get(column)! : column;
    if (name === null || computed.has(column)) return [];
    if (!(name in now)) return [`has no ${name} any more`];
    return isSame(value, now[name]!) ? [] : [`has another ${name}`];
  });
}

function isSame(one: Value, other: Value): boolean {
  if (Buffer.isBuffer(one)) return Buffer.isBuffer(other) && one.equals(other);
  return one === other;
}
