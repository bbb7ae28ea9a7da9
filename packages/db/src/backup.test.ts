import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
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
import { writeBackup } from './backup.ts';
import { openTestDatabase } from './testing.ts';
import { BackupDamaged, verifyBackup } from './verify-backup.ts';

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

  expect(readdirSync(join(folder, 'backups'))).toEqual(['one.db', 'one.sha256', 'one.vault']);
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

test('replaces an earlier backup of the same name, and keeps it when no new one can be made', () => {
  const path = join(folder, 'turnover.db');
  const target = join(folder, 'backups', 'one.db');
  openTestDatabase(path).$client.close();
  writeBackup(path, target);
  const first = readFileSync(target);
  writeBackup(path, target);
  expect(readFileSync(target).equals(first)).toBe(false);
  expect(verifyBackup(target)).toMatchObject({ isHashed: true });
  writeFileSync(path, 'not a database at all'.repeat(1000));
  expect(() => writeBackup(path, target)).toThrow();
  expect(verifyBackup(target)).toMatchObject({ isHashed: true });
});

describe('a backup that is read back', () => {
  let target: string;
  beforeEach(() => {
    target = join(folder, 'backups', 'one.db');
    const db = openTestDatabase(join(folder, 'turnover.db'));
    const insert = db.$client.prepare(
      'insert into assets (id, size_bytes, state, created_at) values (?, ?, ?, 1)',
    );
    insert.run('ast_a', 3, 'stored');
    insert.run('ast_b', 5, 'stored');
    insert.run('ast_c', 7, 'verifying');
    const checksum = db.$client.prepare(
      'insert into asset_checksums (asset_id, algorithm, source, value, at) values (?, ?, ?, ?, 1)',
    );
    checksum.run('ast_a', 'xxh128', 'computed', 'f'.repeat(32));
    checksum.run('ast_a', 'md5', 'declared', '0'.repeat(32));
    writeBackup(join(folder, 'turnover.db'), target);
    db.$client.close();
  });
  const beside = (extension: string) => target.replace(/db$/, extension);

  test('lists the stored files of the vault with size and checksum', () => {
    expect(readFileSync(beside('vault'), 'utf8')).toBe(`ast_a\t3\t${'f'.repeat(32)}\nast_b\t5\t-\n`);
    expect(verifyBackup(target)).toEqual({ sizeBytes: statSync(target).size, assets: 2, isHashed: true });
  });

  test('has hashes that sha256sum accepts', () => {
    const checked = execFileSync('sha256sum', ['--check', 'one.sha256'], {
      cwd: join(folder, 'backups'),
      encoding: 'utf8',
    });
    expect(checked).toBe('one.db: OK\none.vault: OK\n');
  });

  test.each([
    ['a flipped byte in the database', () => flipByte(target)],
    ['a flipped byte in the manifest', () => flipByte(beside('vault'))],
    ['a missing end of the database', () => truncateSync(target, statSync(target).size - 1)],
    ['a missing manifest', () => rmSync(beside('vault'))],
    ['a list of hashes without entries', () => writeFileSync(beside('sha256'), '')],
  ])('is refused with %s', (_what, damage) => {
    damage();
    expect(() => verifyBackup(target)).toThrow(BackupDamaged);
  });

  test('is checked without hashes, as backups of older versions have none', () => {
    rmSync(beside('sha256'));
    expect(verifyBackup(target)).toMatchObject({ assets: 2, isHashed: false });
    appendFileSync(beside('vault'), 'ast_d\t1\t-\n');
    expect(() => verifyBackup(target)).toThrow('lists 3 files and the database 2');
    rmSync(beside('vault'));
    expect(verifyBackup(target)).toMatchObject({ assets: null });
    writeFileSync(target, 'not a database');
    expect(() => verifyBackup(target)).toThrow(BackupDamaged);
  });
});

function flipByte(path: string): void {
  const bytes = readFileSync(path);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = bytes[at]! ^ 1;
  writeFileSync(path, bytes);
}
