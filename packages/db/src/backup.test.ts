import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeBackup } from './backup.ts';
import { openTestDatabase } from './testing.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'turnover-backup-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a backup of a database in use contains all commits, and only its user can read it', () => {
  const path = join(folder, 'turnover.db');
  const db = openTestDatabase(path);
  db.$client.exec("INSERT INTO companies VALUES ('com_1', 'North Light', 'north light', 1)");
  const target = join(folder, 'backups', 'one.db');
  writeBackup(path, target);
  db.$client.close();

  expect(readdirSync(join(folder, 'backups'))).toEqual(['one.db']);
  expect(statSync(target).mode & 0o777).toBe(0o600);
  const copy = new Sqlite(target, { readonly: true });
  expect(copy.prepare('SELECT name FROM companies').pluck().all()).toEqual(['North Light']);
  copy.close();
});

test('does not back up a file that is not a database', () => {
  const path = join(folder, 'turnover.db');
  writeFileSync(path, 'not a database at all'.repeat(1000));
  expect(() => writeBackup(path, join(folder, 'backups', 'one.db'))).toThrow();
  expect(() => writeBackup(join(folder, 'missing.db'), join(folder, 'backups', 'two.db'))).toThrow();
  expect(readdirSync(join(folder, 'backups'))).toEqual([]);
});
