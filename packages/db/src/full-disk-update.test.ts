/** Tests an update of the database on a full disk: the earlier version continues as if nobody had tried. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { migrationsFolder } from './migration-files.ts';
import { DatabaseRefused, openMigrated } from './migrate.ts';
import { reservePath } from './space-reserve.ts';
import { startFailure } from './start-failure.ts';
import { mountSmallDisk, removeSmallDisk } from './testing/small-disk.ts';

const MiB = 1024 * 1024;
const rowsOfMiB = 6;

const disk = mountSmallDisk(64);
afterAll(() => removeSmallDisk(disk));

const newer = mkdtempSync(join(tmpdir(), 'turnover-newer-'));
cpSync(migrationsFolder, newer, { recursive: true });
// Rewrites every row, as rebuilding a table does.
const rebuild = [
  'CREATE TABLE companies_kept AS SELECT * FROM companies;',
  'ALTER TABLE companies ADD COLUMN city text;',
  'UPDATE companies SET city = name;',
].join('--> statement-breakpoint\n');
writeFileSync(join(newer, '0999_city.sql'), rebuild);
afterAll(() => rmSync(newer, { recursive: true, force: true }));

describe.skipIf(disk === null)('with little space left (needs root, to mount a small disk)', () => {
  const folder = join(disk ?? '', 'data');
  const filler = join(disk ?? '', 'filler');
  const open = (migrations = migrationsFolder) =>
    openMigrated(folder, { clock: () => Date.UTC(2026, 10, 28), migrationsFolder: migrations });

  beforeEach(() => {
    mkdirSync(folder);
    const db = open();
    const insert = db.$client.prepare('INSERT INTO companies VALUES (?, ?, ?, 1)');
    for (let number = 0; number < rowsOfMiB; number++)
      insert.run(`com_${number}`, 'x'.repeat(MiB), `${number}`);
    db.$client.close();
  });
  afterEach(() => {
    rmSync(filler, { force: true });
    rmSync(folder, { recursive: true });
  });

  function leave(bytes: number): void {
    const { bavail, bsize } = statfsSync(disk!);
    writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - bytes)));
  }

  test.each([
    ['none but the reserve of the hub', 0],
    ['room for half of the copy before it', 3 * MiB],
    ['room for the copy, and none for the change', 7 * MiB],
    ['room for the copy and half of the change', 12 * MiB],
  ])('%s', (_, bytes) => {
    writeFileSync(reservePath(folder), Buffer.alloc(2 * MiB));
    leave(bytes);
    const refuse = () => open(newer).$client.close();
    expect(refuse).toThrow(DatabaseRefused);
    let said = '';
    try {
      refuse();
    } catch (error) {
      said = startFailure(error);
    }
    expect(said).toMatch(
      /The disk is full: the update .* was undone.*Free some space and start again.*previous version/,
    );
    expect(said).toContain(folder);
    // Deletes the backup of the unchanged database, so that repeated attempts do not fill the disk.
    expect(readdirSync(folder).filter((name) => name !== 'turnover.reserve')).toEqual([
      'backups',
      'turnover.db',
    ]);
    expect(readdirSync(join(folder, 'backups'))).toEqual([]);

    const before = open();
    const { $client } = before;
    expect($client.prepare('SELECT count(*) FROM companies').pluck().get()).toBe(rowsOfMiB);
    expect($client.pragma('integrity_check', { simple: true })).toBe('ok');
    expect($client.prepare("SELECT 1 FROM migrations WHERE name = '0999_city'").get()).toBeUndefined();
    rmSync(filler);
    $client.exec("INSERT INTO companies VALUES ('com_new', 'New', 'new', 1)");
    $client.close();

    const after = open(newer).$client;
    expect(after.prepare('SELECT count(*) FROM companies WHERE city = name').pluck().get()).toBe(
      rowsOfMiB + 1,
    );
    after.close();
  });

  test('without space neither version opens, both state why, and both open once there is space', () => {
    leave(0);
    for (const migrations of [newer, migrationsFolder])
      expect(() => open(migrations)).toThrow(
        /The disk is full: .*turnover.db cannot be opened.*Free some space/,
      );
    rmSync(filler);
    const { $client } = open();
    expect($client.prepare('SELECT count(*) FROM companies').pluck().get()).toBe(rowsOfMiB);
    $client.close();
  });
});
