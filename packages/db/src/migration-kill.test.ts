import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migrationsFolder } from './migration-files.ts';
import { openMigrated } from './migrate.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'turnover-kill-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const clock = () => 0;
const steps = [
  'CREATE TABLE cities (id text PRIMARY KEY);',
  "INSERT INTO cities VALUES ('Lima');",
  'ALTER TABLE companies ADD COLUMN city text;',
  "UPDATE companies SET city = 'Lima';",
];

/** Runs the migration in a process that is killed just before the given step. */
function migrateAndDie(folder: string, migrations: string, step: number): void {
  const script = `
    import Sqlite from 'better-sqlite3';
    const { openMigrated } = await import(${JSON.stringify(new URL('./migrate.ts', import.meta.url).href)});
    const exec = Sqlite.prototype.exec;
    Sqlite.prototype.exec = function (sql) {
      if (sql.includes(${JSON.stringify(steps[step])})) process.kill(process.pid, 'SIGKILL');
      return exec.call(this, sql);
    };
    openMigrated(${JSON.stringify(folder)}, { clock: () => 0, migrationsFolder: ${JSON.stringify(migrations)} });
  `;
  const { signal } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: new URL('.', import.meta.url),
    encoding: 'utf8',
    timeout: 15_000,
  });
  expect(signal).toBe('SIGKILL');
}

test.each([1, 3])(
  'when killed before step %i, the old schema is intact and the next start migrates',
  (step) => {
    const folder = join(root, 'data');
    const first = openMigrated(folder, { clock });
    first.$client.exec("INSERT INTO companies VALUES ('com_1', 'North Light', 'north light', 1)");
    first.$client.close();
    const migrations = join(root, 'migrations');
    cpSync(migrationsFolder, migrations, { recursive: true });
    writeFileSync(join(migrations, '0001_cities.sql'), steps.join('--> statement-breakpoint\n'));

    migrateAndDie(folder, migrations, step);
    const old = openMigrated(folder, { clock });
    expect(old.$client.prepare('SELECT * FROM companies').all()).toEqual([
      { id: 'com_1', name: 'North Light', name_key: 'north light', created_at: 1 },
    ]);
    old.$client.close();

    const db = openMigrated(folder, { clock, migrationsFolder: migrations });
    expect(db.$client.prepare('SELECT id, city FROM companies').all()).toEqual([
      { id: 'com_1', city: 'Lima' },
    ]);
    db.$client.close();
  },
);
