/**
 * Fills every table of a database, whatever its schema is: the rows come from the columns, foreign keys and unique indexes that
 * the database itself tells. For tests that migrate each earlier schema.
 */
import { createHash } from 'node:crypto';
import type Sqlite from 'better-sqlite3';

type Column = { name: string; type: string; isRequired: boolean; isUnique: boolean };
type Target = { table: string; column: string };
type Table = { name: string; columns: Column[]; targets: Map<string, Target> };
export type Value = string | number | Buffer | null;

/** Rows of one place: so many rows in turn refer to the same row, unless their reference must be unique. */
const rowsOfOnePlace = 4;

/** Values that migrations look for. All other columns hold what no migration reads. */
const known: Record<string, (row: number, rows: number) => Value> = {
  'entries.kind': (row, rows) =>
    row < rows / rowsOfOnePlace ? 'folder' : row % 8 === 0 ? 'sequence' : 'file',
  'entries.name': (row) =>
    Math.floor(row / rowsOfOnePlace) % 2 === 1 ? `shot.${1000 + row}.exr` : `Señal "${row}".mov`,
  'delivered_files.path': (row) => `reels/r${Math.floor(row / rowsOfOnePlace)}/shot.${1000 + row}.dpx`,
  'assets.state': (row) => ['stored', 'verifying', 'quarantined', 'missing'][row % 4]!,
  'jobs.status': (row) => ['waiting', 'running', 'done', 'dead'][row % 4]!,
  'uploads.status': (row) => ['uploading', 'verifying', 'complete', 'ended'][row % 4]!,
  'manifests.what': (row) => (Math.floor(row / rowsOfOnePlace) % 2 === 0 ? 'md5' : 'asc_mhl'),
  'preview_runs.reason': (row) => (row % 2 === 0 ? 'Error: spawn ffmpeg EAGAIN' : 'timed_out'),
};

/** A file has always had its bytes. */
const neverEmpty = new Set(['entries.asset_id']);

/** Returns the names of the tables, all of which have rows now. */
export function fillEveryTable(client: Sqlite.Database, rows: number): string[] {
  const tables = tablesOf(client);
  const byName = new Map(tables.map((table) => [table.name, table]));
  client.pragma('foreign_keys = OFF');
  client.transaction(() => {
    for (const table of tables) fill(client, table, byName, rows);
  })();
  client.pragma('foreign_keys = ON');
  const orphans = client.pragma('foreign_key_check') as { table: string }[];
  if (orphans.length > 0) throw new Error(`The rows of ${orphans[0]!.table} refer to missing rows.`);
  return tables.map(({ name }) => name);
}

/** What a table holds already was written by a trigger for the rows of another table. */
function fill(client: Sqlite.Database, table: Table, tables: Map<string, Table>, rows: number): void {
  if (client.prepare(`SELECT 1 FROM "${table.name}"`).get() !== undefined) return;
  const columns = table.columns.map(({ name }) => `"${name}"`).join(', ');
  const values = table.columns.map(() => '?').join(', ');
  const insert = client.prepare(`INSERT INTO "${table.name}" (${columns}) VALUES (${values})`);
  for (let row = 0; row < rows; row += 1)
    insert.run(table.columns.map((column) => valueOf(tables, table, column, row, rows)));
}

function valueOf(tables: Map<string, Table>, table: Table, column: Column, row: number, rows: number): Value {
  const target = table.targets.get(column.name);
  if (isEmpty(table, column, row)) return null;
  if (!target) return known[`${table.name}.${column.name}`]?.(row, rows) ?? plainValue(table, column, row);
  const wanted = tables.get(target.table)!;
  const wantedColumn = wanted.columns.find(({ name }) => name === target.column)!;
  const targetRow = column.isUnique ? row : Math.floor(row / rowsOfOnePlace);
  return valueOf(tables, wanted, wantedColumn, targetRow, rows);
}

/** The first row has only what it must have, the second everything, the others a mixture. */
function isEmpty(table: Table, column: Column, row: number): boolean {
  if (column.isRequired || neverEmpty.has(`${table.name}.${column.name}`)) return false;
  const refersToItself = table.targets.get(column.name)?.table === table.name;
  if (row === 0 || (refersToItself && row === Math.floor(row / rowsOfOnePlace))) return true;
  return row > 1 && !refersToItself && oneInThree(`${table.name}.${column.name}.${row}`);
}

function oneInThree(name: string): boolean {
  return createHash('sha256').update(name).digest()[0]! % 3 === 0;
}

function plainValue(table: Table, { name, type }: Column, row: number): Value {
  if (type === 'integer') return name.endsWith('_at') ? 1_700_000_000_000 + row : 2 ** 40 + row;
  if (type === 'blob') return Buffer.from([0, 255, row % 256]);
  return name === 'id' ? `${table.name}_${row}` : `${name} ${row}: "ñ", 'é',\n\\ 🎬`;
}

function tablesOf(client: Sqlite.Database): Table[] {
  return dataTables(client).map((name) => {
    const unique = uniqueColumns(client, name);
    const columns = client.pragma(`table_xinfo("${name}")`) as {
      name: string;
      type: string;
      notnull: number;
      pk: number;
      hidden: number;
    }[];
    return {
      name,
      targets: targetsOf(client, name),
      columns: columns
        .filter(({ hidden }) => hidden === 0)
        .map(({ name: column, type, notnull, pk }) => ({
          name: column,
          type: type.toLowerCase(),
          isRequired: notnull === 1 || pk > 0,
          isUnique: pk > 0 || unique.has(column),
        })),
    };
  });
}

/** All tables except SQLite's own and the list of migrations. */
export function dataTables(client: Sqlite.Database): string[] {
  return client
    .prepare(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> 'migrations' ORDER BY name`,
    )
    .pluck()
    .all() as string[];
}

function targetsOf(client: Sqlite.Database, table: string): Map<string, Target> {
  const keys = client.pragma(`foreign_key_list("${table}")`) as { table: string; from: string; to: string }[];
  return new Map(keys.map((key) => [key.from, { table: key.table, column: key.to }]));
}

function uniqueColumns(client: Sqlite.Database, table: string): Set<string> {
  const indexes = client.pragma(`index_list("${table}")`) as { name: string; unique: number }[];
  const columns = indexes
    .filter(({ unique }) => unique === 1)
    .flatMap(({ name }) => client.pragma(`index_info("${name}")`) as { name: string | null }[]);
  return new Set(columns.flatMap(({ name }) => name ?? []));
}
