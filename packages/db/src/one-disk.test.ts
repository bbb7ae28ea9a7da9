import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DatabaseRefused } from './database-refused.ts';
import { openMigrated } from './migrate.ts';
import { refuseSplitFolders } from './one-disk.ts';

const names = ['incoming', 'vault', 'quarantine'];
let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'turnover disk-'));
  folder = join(root, 'data');
  mkdirSync(folder);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const make = (...made: string[]) => made.forEach((name) => mkdirSync(join(folder, name)));

/** Writes a mount table with these mount points, as the system does. */
function tableOf(...points: string[]): string {
  const path = join(root, 'mountinfo');
  const lines = ['/', ...points].map(
    (point, number) => `${number} 1 8:1 / ${point.replaceAll(' ', '\\040')} rw,relatime - ext4 /dev/sda1 rw`,
  );
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

test.each([
  ['everything is on the disk of the data folder', () => make(...names), () => []],
  ['nothing exists yet', () => {}, () => []],
  ['the whole data folder is mounted', () => make(...names), () => [folder]],
  ['other folders have disks of their own', () => make(...names, 'backups'), () => [join(folder, 'backups')]],
  ['a mount has a similar name', () => make(...names), () => [join(folder, 'vau')]],
  [
    'all three lead to one other disk',
    () => {
      for (const name of names) {
        mkdirSync(join(root, 'big', name), { recursive: true });
        symlinkSync(join(root, 'big', name), join(folder, name));
      }
    },
    () => [join(root, 'big')],
  ],
])('accepts %s', (_, arrange, points) => {
  arrange();
  expect(() => refuseSplitFolders(folder, tableOf(...points()))).not.toThrow();
  expect(() => refuseSplitFolders(folder, '/nowhere')).not.toThrow();
});

test.each([
  ['vault', names],
  ['incoming', names],
  ['quarantine', names],
  // The other two folders will be created on the data folder's disk.
  ['vault', ['vault']],
])('refuses %s as a mount of its own, although the disk may be the same', (name, made) => {
  make(...made);
  const refuse = () => refuseSplitFolders(folder, tableOf(join(folder, name)));
  expect(refuse).toThrow(DatabaseRefused);
  expect(refuse).toThrow(
    new RegExp(`${name} .*of ${folder} are on different disks.* at ${join(folder, name)}`),
  );
  expect(refuse).toThrow(/mount the disk at .*Nothing was changed/);
});

test('refuses a vault that links to another disk', () => {
  make('incoming');
  mkdirSync(join(root, 'big'));
  symlinkSync(join(root, 'big'), join(folder, 'vault'));
  expect(() => refuseSplitFolders(folder, tableOf(join(root, 'big')))).toThrow('are on different disks');
});

const mounts: string[] = [];
function mount(...args: string[]): void {
  execFileSync('mount', args, { stdio: 'ignore' });
  mounts.push(args.at(-1)!);
}
afterEach(() => {
  for (const path of mounts.splice(0).toReversed()) execFileSync('umount', [path]);
});

function canMount(): boolean {
  const at = mkdtempSync(join(tmpdir(), 'turnover-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', at], { stdio: 'ignore' });
    execFileSync('umount', [at]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(at, { recursive: true, force: true });
  }
}

describe.skipIf(!canMount())('with real disks (needs root, to mount them)', () => {
  test.each([
    ['another disk', (path: string) => mount('-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path)],
    ['another mount of the same disk', (path: string) => mount('--bind', path, path)],
  ])('refuses a vault on %s before it creates anything', (_, mountAt) => {
    make('vault');
    mountAt(join(folder, 'vault'));
    expect(() => openMigrated(folder, { clock: () => 1 })).toThrow('incoming and vault');
    expect(readdirSync(folder)).toEqual(['vault']);
  });
});
