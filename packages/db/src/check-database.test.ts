import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { writeBackup } from './backup.ts';
import { checkDatabase } from './check-database.ts';
import { DatabaseRefused } from './database-refused.ts';
import { migrationsFolder, readMigrations } from './migration-files.ts';
import { openTestDatabase } from './testing.ts';

const migrations = readMigrations(migrationsFolder);
const root = mkdtempSync(join(tmpdir(), 'turnover-check-'));
const template = join(root, 'template.db');
let folder: string;
let path: string;
beforeAll(() => openTestDatabase(template).$client.close());
afterAll(() => rmSync(root, { recursive: true, force: true }));
beforeEach(() => {
  folder = mkdtempSync(join(root, 'data-'));
  path = join(folder, 'turnover.db');
  cpSync(template, path);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The log and its index after one more commit, made in a copy of the folder. */
function commitInCopy(bytes: number): { log: Buffer; index: Buffer } {
  const copy = mkdtempSync(join(root, 'copy-'));
  cpSync(folder, copy, { recursive: true });
  const client = new Sqlite(join(copy, 'turnover.db'));
  client.prepare('INSERT INTO companies VALUES (?, ?, ?, 1)').run('com_more', 'z'.repeat(bytes), 'key more');
  const [log, index] = ['-wal', '-shm'].map((suffix) => readFileSync(join(copy, `turnover.db${suffix}`)));
  client.close();
  return { log: log!, index: index! };
}

function change(sql: string): void {
  const client = new Sqlite(path);
  client.exec(sql);
  client.close();
}

/** Leaves the files as kill -9 does: `commits` commits are only in the log. */
function killed(commits: number, name = 'x'.repeat(3000)): void {
  const client = new Sqlite(path);
  client.pragma('journal_mode = WAL');
  const insert = client.prepare('INSERT INTO companies VALUES (?, ?, ?, 1)');
  for (let number = 0; number < commits; number++) insert.run(`com_${number}`, name, `key ${number}`);
  const left = join(root, 'left');
  rmSync(left, { recursive: true, force: true });
  cpSync(folder, left, { recursive: true });
  client.close();
  rmSync(folder, { recursive: true });
  cpSync(left, folder, { recursive: true });
}

function refusal(): string {
  const before = readdirSync(folder).filter((name) => !name.endsWith('-shm'));
  const bytes = readFileSync(path);
  try {
    checkDatabase(path, migrations);
  } catch (error) {
    expect(error).toBeInstanceOf(DatabaseRefused);
    expect(readdirSync(folder).filter((name) => !name.endsWith('-shm'))).toEqual(before);
    expect(readFileSync(path).equals(bytes)).toBe(true);
    return (error as Error).message;
  }
  throw new Error('It was taken.');
}

describe('the schema', () => {
  test.each([
    ['DROP INDEX users_by_company', 'the index users_by_company is missing'],
    [
      'ALTER TABLE companies ADD COLUMN city text',
      'the table companies has "city", which is not Turnover\'s',
    ],
    ['ALTER TABLE users DROP COLUMN locale', 'the table users lacks "locale"'],
    ['DROP TABLE entry_downloads', 'the table entry_downloads is missing'],
    ['CREATE TABLE extra (id integer)', "the table extra is not Turnover's"],
    [
      'CREATE TRIGGER t AFTER INSERT ON companies BEGIN DELETE FROM users; END',
      "the trigger t is not Turnover's",
    ],
    ['CREATE VIEW v AS SELECT 1', "the view v is not Turnover's"],
    [
      'DROP INDEX users_by_company; CREATE UNIQUE INDEX users_by_company ON users (company_id)',
      'the index users_by_company is another one',
    ],
    ['ALTER TABLE companies RENAME COLUMN name TO title', 'the table companies lacks "name"'],
  ])('detects %s', (sql, words) => {
    change(sql);
    const message = refusal();
    expect(message).toContain(words);
    expect(message).toContain('put the latest backup in its place');
  });

  test('counts many differences instead of listing them', () => {
    change(Array.from({ length: 9 }, (_, number) => `CREATE TABLE t${number} (id integer);`).join(''));
    expect(refusal()).toContain('and 6 more');
  });

  test('ignores statistics and the tables of Litestream', () => {
    change('ANALYZE; CREATE TABLE _litestream_seq (id integer); CREATE TABLE _litestream_lock (id integer)');
    expect(() => checkDatabase(path, migrations)).not.toThrow();
  });

  test('compares an older schema with the migrations of its version', () => {
    rmSync(path);
    const client = new Sqlite(path);
    client.exec(
      'CREATE TABLE migrations (name text PRIMARY KEY, hash text NOT NULL, applied_at integer NOT NULL)',
    );
    for (const { name, hash, statements } of migrations.slice(0, 1)) {
      for (const statement of statements) client.exec(statement);
      client.prepare('INSERT INTO migrations VALUES (?, ?, 1)').run(name, hash);
    }
    client.pragma('application_id = 0x5475724e');
    client.close();
    expect(() => checkDatabase(path, migrations)).not.toThrow();
    change('ALTER TABLE users ADD COLUMN nick text');
    expect(refusal()).toContain('"nick"');
  });
});

describe('the log', () => {
  test('of a killed process is accepted, even with a torn last commit or without commits', () => {
    killed(5);
    expect(() => checkDatabase(path, migrations)).not.toThrow();
    // Without the index, as after a power cut. The part that is cut off was never acknowledged.
    rmSync(`${path}-shm`);
    truncateSync(`${path}-wal`, readFileSync(`${path}-wal`).length - 2000);
    expect(() => checkDatabase(path, migrations)).not.toThrow();
    rmSync(`${path}-shm`);
    truncateSync(`${path}-wal`, 20);
    expect(() => checkDatabase(path, migrations)).not.toThrow();
  });

  test('of writers that were killed during a commit is accepted, because the index shows that no commit is missing', () => {
    killed(2);
    // Each commit starts at the end of the acknowledged ones, so a shorter one overwrites only the start of a longer one.
    const [long, short, last] = [40_000, 16_000, 10].map((bytes) => commitInCopy(bytes));
    const remains = [last!.log, short!.log.subarray(last!.log.length), long!.log.subarray(short!.log.length)];
    const log = Buffer.concat(remains);
    writeFileSync(`${path}-wal`, log);
    writeFileSync(`${path}-shm`, last!.index);
    expect(() => checkDatabase(path, migrations)).not.toThrow();
    // Damage to an acknowledged commit is still an error.
    const damaged = Buffer.from(log);
    damaged[32 + 4120 + 700]! ^= 1;
    writeFileSync(`${path}-wal`, damaged);
    expect(refusal()).toMatch(/log .* is damaged/);
    // Without the index, nothing shows where the acknowledged commits end.
    rmSync(`${path}-shm`);
    writeFileSync(`${path}-wal`, log);
    expect(refusal()).toMatch(/log .* is damaged/);
  });

  test.each([
    ['its first byte', (log: Buffer) => log.fill(0xff, 0, 1)],
    ['its salts', (log: Buffer) => log.fill(0xff, 16, 20)],
    ['a bit of its first page', (log: Buffer) => log.fill(log[700]! ^ 1, 700, 701)],
    ['a whole page in the middle', (log: Buffer) => log.fill(0, 32 + 2 * 4120 + 24, 32 + 3 * 4120)],
    ['a frame that is zeros', (log: Buffer) => log.fill(0, 32 + 2 * 4120, 32 + 3 * 4120)],
    ['the checksum of a frame', (log: Buffer) => log.fill(0xff, 32 + 4120 + 16, 32 + 4120 + 24)],
  ])('with damage to %s is refused as damaged, with both ways to continue', (_, damage) => {
    killed(8);
    // The message must not depend on the index, which a copy lacks.
    rmSync(`${path}-shm`);
    const log = readFileSync(`${path}-wal`);
    writeFileSync(`${path}-wal`, damage(log));
    expect(refusal()).toMatch(/log .* is damaged: .* latest backup .* without those changes, move/);
  });

  test.each([
    ['removed', (log: string) => rmSync(log)],
    ['emptied', (log: string) => truncateSync(log, 0)],
    ['cut short', (log: string) => truncateSync(log, 32 + 4120 * 3)],
  ])('that was %s after a kill is reported as missing', (_, act) => {
    killed(8);
    act(`${path}-wal`);
    expect(refusal()).toMatch(/latest changes .* are not there/);
  });

  test('of another database is reported as such', () => {
    killed(40);
    const foreign = readFileSync(`${path}-wal`);
    rmSync(folder, { recursive: true });
    // Creates another database, whose pages differ.
    const other = openTestDatabase(join(root, 'other.db'));
    for (let number = 0; number < 400; number++)
      other.$client
        .prepare('INSERT INTO companies VALUES (?, ?, ?, 1)')
        .run(`com_o${number}`, 'y'.repeat(2000), `o ${number}`);
    other.$client.exec('VACUUM');
    other.$client.close();
    cpSync(join(root, 'other.db'), join(folder, 'turnover.db'), { recursive: true });
    writeFileSync(`${path}-wal`, foreign);
    const message = refusal();
    expect(message).toContain('belongs to another database');
    expect(message).not.toContain('damaged');
  });

  test('that is only our own is not blamed for a query that fails', () => {
    const inspect = (client: Sqlite.Database) => void client.prepare('SELECT nothing FROM nowhere').get();
    expect(() => checkDatabase(path, migrations, inspect)).toThrow(/it cannot be read/);
  });

  test('next to a restored backup is refused, even when it would fit', () => {
    killed(3);
    const log = readFileSync(`${path}-wal`);
    const backup = join(root, 'backup.db');
    writeBackup(path, backup);
    cpSync(backup, path);
    writeFileSync(`${path}-wal`, log);
    expect(refusal()).toMatch(/belongs to another database .* Move .*-wal and .*-shm away/);
    for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
    expect(() => checkDatabase(path, migrations)).not.toThrow();
  });

  test('with another page size is refused as that of another database', () => {
    killed(2);
    const log = readFileSync(`${path}-wal`);
    const other = join(root, 'pages.db');
    const client = new Sqlite(other);
    client.pragma('page_size = 8192');
    client.pragma('journal_mode = WAL');
    client.exec('CREATE TABLE t (id integer)');
    cpSync(`${other}-wal`, `${path}-wal`);
    client.close();
    expect(log.length).toBeGreaterThan(0);
    expect(refusal()).toContain('belongs to another database');
  });
});
