import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { migrationsFolder, readMigrations } from './migration-files.ts';
import { DatabaseRefused, openMigrated, type OpenMigratedOptions } from './migrate.ts';
import { applicationId, openDatabase } from './open.ts';

const names = readMigrations(migrationsFolder).map(({ name }) => name);
let root: string;
let folder: string;
let path: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'turnover-migrate-'));
  folder = join(root, 'data');
  path = join(folder, 'turnover.db');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const open = (options: Partial<OpenMigratedOptions> = {}) =>
  openMigrated(folder, { clock: () => Date.UTC(2026, 0, 2, 3, 4, 5), ...options });

/** Creates a sound database with one row and closes it. */
function makeDatabase(options: Partial<OpenMigratedOptions> = {}): void {
  const db = open(options);
  db.$client.exec("INSERT INTO companies VALUES ('com_1', 'North Light', 'north light', 1)");
  db.$client.close();
}

describe('a valid data folder', () => {
  test('that is empty gets a database with the newest schema, readable only by its user', () => {
    const db = open();
    expect(db.$client.pragma('application_id', { simple: true })).toBe(applicationId);
    expect(db.$client.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(db.$client.pragma('foreign_keys', { simple: true })).toBe(1);
    expect(db.$client.prepare('SELECT name, applied_at FROM migrations').all()).toEqual(
      names.map((name) => ({ name, applied_at: Date.UTC(2026, 0, 2, 3, 4, 5) })),
    );
    db.$client.close();
    expect(readdirSync(folder)).toEqual(['turnover.db']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('keeps every row and gets no backup when it is opened again', () => {
    makeDatabase();
    const db = open();
    expect(db.$client.prepare('SELECT name FROM companies').pluck().all()).toEqual(['North Light']);
    db.$client.close();
    expect(readdirSync(folder)).toEqual(['turnover.db']);
  });

  test('gets its database again after a killed attempt', () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'turnover.new'), 'half a database');
    open().$client.close();
    expect(readdirSync(folder)).toEqual(['turnover.db']);
  });

  test('keeps commits that are only in the log of a killed process', () => {
    makeDatabase();
    crash((client) => client.exec("INSERT INTO companies VALUES ('com_2', 'Late', 'late', 2)"));
    const db = open();
    expect(db.$client.prepare('SELECT count(*) FROM companies').pluck().get()).toBe(2);
    db.$client.close();
  });

  test('calls beforeChange between the last check and the first change', () => {
    expect(() =>
      open({
        beforeChange() {
          throw new Error('locked');
        },
      }),
    ).toThrow('locked');
    expect(readdirSync(root)).toEqual([]);
  });
});

describe('a migration', () => {
  const rebuild = [
    'CREATE TABLE companies_new (id text PRIMARY KEY NOT NULL, name text NOT NULL, name_key text NOT NULL, created_at integer NOT NULL, city text);',
    'INSERT INTO companies_new SELECT id, name, name_key, created_at, null FROM companies;',
    'DROP TABLE companies;',
    'ALTER TABLE companies_new RENAME TO companies;',
  ].join('--> statement-breakpoint\n');

  function withMigrations(sql: Record<string, string>): string {
    const migrations = join(root, 'migrations');
    cpSync(migrationsFolder, migrations, { recursive: true });
    for (const [name, text] of Object.entries(sql)) writeFileSync(join(migrations, `${name}.sql`), text);
    return migrations;
  }

  function addPerson(): void {
    const db = openDatabase(path);
    db.$client.exec(
      "INSERT INTO users (id, email, name, company_id, created_at) VALUES ('usr_1', 'a@b.c', 'A', 'com_1', 1)",
    );
    db.$client.close();
  }

  test('that rebuilds a table keeps the rows that refer to it, and makes a backup first', () => {
    makeDatabase();
    addPerson();
    const db = open({ migrationsFolder: withMigrations({ '0001_city': rebuild }) });
    expect(db.$client.prepare('SELECT name, city FROM companies').all()).toEqual([
      { name: 'North Light', city: null },
    ]);
    expect(db.$client.prepare('SELECT company_id FROM users').pluck().all()).toEqual(['com_1']);
    expect(db.$client.pragma('foreign_keys', { simple: true })).toBe(1);
    db.$client.close();

    const backups = readdirSync(join(folder, 'backups'));
    const name = '2026-01-02T03-04-05.000Z-before-0001_city';
    expect(backups).toEqual([`${name}.db`, `${name}.sha256`, `${name}.vault`]);
    const backup = new Sqlite(join(folder, 'backups', `${name}.db`), { readonly: true });
    expect(backup.prepare('SELECT name FROM migrations').pluck().all()).toEqual(names);
    expect(backup.prepare('SELECT id FROM users').pluck().all()).toEqual(['usr_1']);
    backup.close();
  });

  test.each([
    [
      'leaves rows with missing references',
      'DELETE FROM companies;',
      'Rows of users would refer to missing rows.',
    ],
    ['is wrong SQL', 'ALTER TABLE missing ADD COLUMN x text;', 'no such table: missing'],
  ])('that %s is rolled back together with those before it', (_, sql, sentence) => {
    makeDatabase();
    addPerson();
    const folderOfMigrations = withMigrations({ '0001_city': rebuild, '0002_wrong': sql });
    expect(() => open({ migrationsFolder: folderOfMigrations })).toThrow(sentence);
    const db = open();
    expect(db.$client.prepare('SELECT * FROM companies').all()).toEqual([
      { id: 'com_1', name: 'North Light', name_key: 'north light', created_at: 1 },
    ]);
    expect(db.$client.prepare('SELECT count(*) FROM users').pluck().get()).toBe(1);
    db.$client.close();
  });

  test('of a newer version makes an older version refuse the database', () => {
    makeDatabase({ migrationsFolder: withMigrations({ '0001_later': 'CREATE TABLE later (id text);' }) });
    expectRefusal('newer version', 'Start that version again');
  });
});

describe('refused with a message that says what to do, without changing a byte', () => {
  const page = (number: number) => (bytes: Buffer) => bytes.fill(0xa5, 4096 * number, 4096 * number + 2000);
  const damages: [string, (bytes: Buffer) => Buffer][] = [
    ['no bytes', (bytes) => bytes.subarray(0, 0)],
    ['a piece of the header', (bytes) => bytes.subarray(0, 60)],
    ['another kind of file', () => Buffer.from('<html>'.repeat(2000))],
    ['zeros', (bytes) => Buffer.alloc(bytes.length)],
    ['a lost end', (bytes) => bytes.subarray(0, 4096 * 3)],
    ['a lost half page', (bytes) => bytes.subarray(0, bytes.length - 2048)],
    ['a destroyed schema', (bytes) => bytes.fill(0xa5, 110, 4000)],
    ['a destroyed second page', page(1)],
    ['a destroyed fifth page', page(4)],
  ];

  test.each(damages)('a damaged database: %s', (_, damage) => {
    makeDatabase();
    writeFileSync(path, damage(readFileSync(path)));
    expectRefusal('is damaged', 'put the latest backup in its place');
  });

  test('a damaged database next to the log of a killed process', () => {
    makeDatabase();
    crash((client) => client.exec("INSERT INTO companies VALUES ('com_2', 'Late', 'late', 2)"));
    truncateSync(path, 4096 * 3);
    expectRefusal('is damaged', 'put the latest backup in its place');
  });

  test('a database without its list of migrations', () => {
    makeDatabase();
    change((client) => client.exec('DROP TABLE migrations'));
    expectRefusal('is damaged', 'put the latest backup in its place');
  });

  test('a newer database, even when the newest migration is only in the log', () => {
    makeDatabase();
    crash((client) => client.exec("INSERT INTO migrations VALUES ('0099_future', 'x', 1)"));
    expectRefusal('newer version', '0099_future');
  });

  test('a database of another build', () => {
    makeDatabase();
    change((client) => client.exec("UPDATE migrations SET hash = 'x'"));
    expectRefusal('another build', 'TURNOVER_DATA');
  });

  test.each([
    ['with an id of its own', 1234],
    ['without any id', 0],
  ])('a database of another program %s', (_, id) => {
    mkdirSync(folder);
    change((client) => {
      client.exec('CREATE TABLE orders (id integer)');
      client.pragma(`application_id = ${id}`);
    });
    expectRefusal('another program', 'Choose another data folder');
  });

  test.each([
    'vault/ab/ast_1',
    'incoming/upl_1.part',
    'quarantine/upl_1.part',
    'derived/ast_1/proxy.mp4',
    'backups/b.db',
    'turnover.db-wal',
  ])('a missing database where there is %s', (file) => {
    mkdirSync(join(folder, file, '..'), { recursive: true });
    writeFileSync(join(folder, file), 'bytes');
    expectRefusal('turnover.db is missing', 'Restore the database');
  });

  test.each([
    ['NFS', 0x6969],
    ['SMB', 0xfe534d42],
    ['CIFS', 0xff534d42 | 0],
  ])('a data folder on %s', (name, type) => {
    makeDatabase();
    expectRefusal(`network disk (${name})`, 'TURNOVER_DATA', { fileSystemType: () => type });
  });

  test('a data folder that does not exist yet on a network disk', () => {
    expect(() => open({ fileSystemType: () => 0x6969 })).toThrow('network disk');
    expect(readdirSync(root)).toEqual([]);
  });

  test('a folder without space for a database', () => {
    mkdirSync(path, { recursive: true });
    expectRefusal('cannot be opened', 'readable and writable');
  });

  test('a data folder that is a file', () => {
    writeFileSync(folder, 'a file');
    expect(() => open()).toThrow(DatabaseRefused);
    expect(readFileSync(folder, 'utf8')).toBe('a file');
  });
});

function expectRefusal(what: string, remedy: string, options: Partial<OpenMigratedOptions> = {}): void {
  const before = contents(folder);
  const refusal = refusalOf(() => open(options));
  expect(refusal.message).toContain(what);
  expect(refusal.message).toContain(remedy);
  expect(contents(folder)).toEqual(before);
}

function refusalOf(run: () => unknown): DatabaseRefused {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(DatabaseRefused);
    return error as DatabaseRefused;
  }
  throw new Error('It was opened.');
}

function change(write: (client: Sqlite.Database) => void): void {
  const client = new Sqlite(path);
  write(client);
  client.close();
}

/** Leaves the files as a killed process does, with the commit only in the log. */
function crash(write: (client: Sqlite.Database) => void): void {
  const client = new Sqlite(path);
  write(client);
  const left = join(root, 'left');
  cpSync(folder, left, { recursive: true });
  client.close();
  rmSync(folder, { recursive: true });
  cpSync(left, folder, { recursive: true });
  rmSync(left, { recursive: true });
}

/** Every file with its bytes, except the index of the log, which each process rebuilds. */
function contents(of: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(of, { withFileTypes: true, recursive: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile() && !file.endsWith('-shm'))
      found[file] = createHash('sha256').update(readFileSync(file)).digest('hex');
    if (entry.isDirectory()) found[file] = 'folder';
  }
  return found;
}
