/** Checks that a database has exactly the tables, columns and indexes that its migrations create. Writes nothing. */
import Sqlite from 'better-sqlite3';
import { DatabaseRefused } from './database-refused.ts';
import type { Migration } from './migration-files.ts';
import { runMigrations } from './run-migrations.ts';

type SchemaRow = { type: string; name: string; tbl_name: string; sql: string | null };

/** Tables of SQLite and Litestream, which the check ignores. */
const ofOthers = /^(sqlite_|_litestream_)/;
/** The most differences that an error names. */
const maxNamed = 3;

/** `applied`: the names of the migrations in the order in which they ran. */
export function checkSchema(
  path: string,
  client: Sqlite.Database,
  applied: readonly string[],
  migrations: readonly Migration[],
): void {
  const expected = expectedSchema(applied, migrations);
  const found = readSchema(client);
  const wrong = [
    ...[...expected].filter(([key]) => !found.has(key)).map(([key]) => `${key} is missing`),
    ...[...expected].flatMap(([key, sql]) => differenceOf(key, sql, found.get(key))),
    ...[...found].filter(([key]) => !expected.has(key)).map(([key]) => `${key} is not Turnover's`),
  ];
  if (wrong.length === 0) return;
  const more = wrong.length > maxNamed ? `, and ${wrong.length - maxNamed} more` : '';
  throw new DatabaseRefused(
    `The database ${path} does not have the schema of this version of Turnover: ${wrong.slice(0, maxNamed).join('; ')}${more}. ` +
      'Something else has changed it. Undo that change, or put the latest backup in its place (folder backups). Nothing was changed.',
  );
}

const cached = new Map<string, Map<string, string>>();

/** Runs the same migrations on an empty database in memory, which takes a few milliseconds. */
function expectedSchema(applied: readonly string[], migrations: readonly Migration[]): Map<string, string> {
  const byName = new Map(migrations.map((migration) => [migration.name, migration]));
  const run = applied.flatMap((name) => byName.get(name) ?? []);
  const key = run.map(({ hash }) => hash).join();
  const known = cached.get(key);
  if (known) return known;
  const client = new Sqlite(':memory:');
  try {
    runMigrations(client, run, 0);
    const schema = readSchema(client);
    cached.set(key, schema);
    return schema;
  } finally {
    client.close();
  }
}

/** Maps each object's name to its SQL, normalised where SQLite's own formatting varies. */
function readSchema(client: Sqlite.Database): Map<string, string> {
  const rows = client.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema').all() as SchemaRow[];
  const ours = rows.filter(({ name, tbl_name }) => !ofOthers.test(name) && !ofOthers.test(tbl_name));
  return new Map(ours.map(({ type, name, sql }) => [`the ${type} ${name}`, normal(sql ?? '')]));
}

function normal(sql: string): string {
  return sql
    .replaceAll(/["`[\]]/g, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?([(),]) ?/g, '$1')
    .trim();
}

function differenceOf(key: string, expected: string, found: string | undefined): string[] {
  if (found === undefined || found === expected) return [];
  const [wanted, there] = [columnsOf(expected), columnsOf(found)];
  const missing = wanted.filter((column) => !there.includes(column));
  const extra = there.filter((column) => !wanted.includes(column));
  if (missing.length > 0) return [`${key} lacks ${nameOf(missing[0]!)}`];
  if (extra.length > 0) return [`${key} has ${nameOf(extra[0]!)}, which is not Turnover's`];
  return [`${key} is another one`];
}

/** Returns the text between the outermost brackets, split at its outermost commas. */
function columnsOf(sql: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const letter of sql.slice(sql.indexOf('(') + 1, sql.lastIndexOf(')'))) {
    if (letter === '(') depth++;
    if (letter === ')') depth--;
    if (letter === ',' && depth === 0) {
      parts.push(part.trim());
      part = '';
    } else part += letter;
  }
  return [...parts, part.trim()];
}

const nameOf = (column: string) => `"${column.split(' ', 1)[0]}"`;
