/**
 * Migrates each earlier schema, with rows in every table, to the newest one. No version is tagged yet and a landed migration never
 * changes, so each number of migrations is a schema that a hub somewhere may have.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { migrationsFolder, readMigrations } from './migration-files.ts';
import { openMigrated } from './migrate.ts';
import { declaredChanges } from './testing/declared-changes.ts';
import { fillEveryTable } from './testing/filled-tables.ts';
import { lostRows, readRows } from './testing/kept-rows.ts';

const names = readMigrations(migrationsFolder).map(({ name }) => name);
const isLong = inject('isLong');
/** The long run holds ten thousand rows. */
const rowsOfTable = isLong ? 240 : 24;
const clock = () => 1_800_000_000_000;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'turnover-schemas-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Returns what a hub lost that had so many migrations and now has all of them, and `more` besides. */
function migrate(count: number, more: Record<string, string> = {}): string[] {
  const earlier = folderOf('earlier', names.slice(0, count));
  const later = folderOf('later', names, more);
  const data = join(root, 'data');
  const old = openMigrated(data, { clock, migrationsFolder: earlier });
  const tables = fillEveryTable(old.$client, rowsOfTable);
  const before = readRows(old.$client);
  expect(tables.filter((table) => before.get(table)!.size === 0)).toEqual([]);
  old.$client.close();

  const { $client: client } = openMigrated(data, { clock, migrationsFolder: later });
  const run = new Set([...names.slice(count), ...Object.keys(more)]);
  const lost = lostRows(
    before,
    readRows(client),
    declaredChanges.filter(({ migration }) => run.has(migration)),
  );
  expect(client.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(client.pragma('foreign_key_check')).toEqual([]);
  client.close();
  return lost;
}

function folderOf(name: string, migrations: readonly string[], more: Record<string, string> = {}): string {
  const folder = join(root, name);
  mkdirSync(folder);
  for (const each of migrations) cpSync(join(migrationsFolder, `${each}.sql`), join(folder, `${each}.sql`));
  for (const [each, sql] of Object.entries(more)) writeFileSync(join(folder, `${each}.sql`), sql);
  return folder;
}

/** `npm test` takes a spread of them, with the first one and the one before the newest, which most hubs have. */
const schemas = names
  .map((name, index) => [name, index + 1] as const)
  .filter(([, count]) => isLong || count % 7 === 1 || count === names.length - 1);

test.each(schemas)('a hub of %s keeps every row', (_, count) => {
  expect(migrate(count)).toEqual([]);
});

describe('a migration is found that', () => {
  test.each([
    ['deletes rows', `DELETE FROM comments WHERE rowid % 2 = 0`, 'comments ["comments_1"] is gone'],
    ['empties a table', `DELETE FROM manifest_entries`, 'is gone'],
    [
      'forgets rows as it rebuilds a table',
      `CREATE TABLE n AS SELECT * FROM notification_choices LIMIT 3; DROP TABLE notification_choices; ALTER TABLE n RENAME TO notification_choices`,
      'is gone',
    ],
    ['drops a table', `DROP TABLE saved_views`, 'the table saved_views is gone'],
    ['drops a column', `ALTER TABLE uploads DROP COLUMN metadata`, 'has no metadata any more'],
    ['cuts text', `UPDATE requests SET name = substr(name, 1, 5)`, 'has another name'],
    [
      'repeats rows',
      `INSERT INTO companies SELECT 'x' || id, name, 'x' || name_key, created_at FROM companies`,
      `companies has ${rowsOfTable} more rows`,
    ],
  ])('%s', (_, sql, difference) => {
    expect(migrate(names.length, { '9999_wrong': sql }).join('; ')).toContain(difference);
  });
});
