import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockDataFolder } from './instance-lock.ts';
import { openMigrated } from './migrate.ts';
import { migrationsFolder } from './migration-files.ts';
import { previewUpdate } from './preview-update.ts';

let root: string;
let folder: string;
let newer: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'turnover-preview-'));
  folder = join(root, 'data');
  newer = join(root, 'newer');
  mkdirSync(newer);
  for (const name of sqlFiles()) cpSync(join(migrationsFolder, name), join(newer, name));
  writeFileSync(join(newer, '9998_city.sql'), 'ALTER TABLE companies ADD COLUMN city text;');
  writeFileSync(join(newer, '9999_fails.sql'), 'UPDATE companies SET town = 1;');
  openMigrated(folder, { clock: () => 0 }).$client.close();
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const sqlFiles = () => readdirSync(migrationsFolder).filter((name) => name.endsWith('.sql'));
const newest = () => sqlFiles().sort().at(-1)!.replace('.sql', '');
const picture = () =>
  readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('base64')]);

test('lists the migrations that would run and the space for them, and changes nothing', () => {
  const before = picture();
  expect(previewUpdate(folder, newer)).toMatchObject({
    latest: newest(),
    pending: ['9998_city', '9999_fails'],
    isRunning: false,
  });
  expect(previewUpdate(folder, newer).neededBytes).toBeGreaterThan(3 * 4096);
  expect(previewUpdate(folder)).toMatchObject({ latest: newest(), pending: [], neededBytes: 0 });
  expect(picture()).toEqual(before);
});

test('notices a hub that runs on the folder', () => {
  const lock = lockDataFolder(folder);
  expect(previewUpdate(folder, newer).isRunning).toBe(true);
  lock.release();
  expect(previewUpdate(folder, newer).isRunning).toBe(false);
});

test('refuses a database of a newer version', () => {
  rmSync(join(newer, '9999_fails.sql'));
  openMigrated(folder, { clock: () => 0, migrationsFolder: newer }).$client.close();
  expect(() => previewUpdate(folder)).toThrow(/newer version.*9998_city/);
});

test('an update that fails leaves a database that the previous version opens, with its rows', () => {
  const old = openMigrated(folder, { clock: () => 0 });
  old.$client.exec("INSERT INTO companies VALUES ('com_1', 'North Light', 'north light', 1)");
  old.$client.close();
  expect(() => openMigrated(folder, { clock: () => 0, migrationsFolder: newer })).toThrow(
    /failed and was undone: no such column: town/,
  );
  expect(previewUpdate(folder).pending).toEqual([]);
  const again = openMigrated(folder, { clock: () => 0 });
  expect(again.$client.prepare('SELECT * FROM companies').raw().all()).toEqual([
    ['com_1', 'North Light', 'north light', 1],
  ]);
  again.$client.close();
});
