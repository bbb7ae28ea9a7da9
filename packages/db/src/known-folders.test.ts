import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mountPointOf, refuseUnmounted, rememberFolder } from './known-folders.ts';

const hubId = 'hub_22222222222222222222222222';
let root: string;
let folder: string;
let stateFolder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'turnover-known-'));
  folder = join(root, 'data');
  stateFolder = join(root, 'state');
  mkdirSync(folder);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const check = (more: { startAnew?: string; fstab?: string } = {}) =>
  refuseUnmounted(folder, { stateFolder, fstab: '/nowhere', ...more });

test('accepts an empty folder that no hub has used', () => {
  expect(() => check()).not.toThrow();
  rememberFolder(stateFolder, join(root, 'elsewhere'), hubId, 1);
  expect(() => check()).not.toThrow();
});

test('refuses an empty folder that a hub used, until the id of that hub is given up', () => {
  rememberFolder(stateFolder, folder, hubId, 1);
  expect(() => check()).toThrow(`start once with TURNOVER_START_ANEW=${hubId}`);
  mkdirSync(join(folder, 'lost+found'));
  expect(() => check()).toThrow('not mounted');
  expect(() => check({ startAnew: 'hub_of_another' })).toThrow('not mounted');
  expect(() => check({ startAnew: hubId })).not.toThrow();
});

test('never refuses a folder with a database', () => {
  rememberFolder(stateFolder, folder, hubId, 1);
  writeFileSync(join(folder, 'turnover.db'), '');
  expect(() => check()).not.toThrow();
});

test('accepts a folder that was deleted on its disk, and refuses one whose disk is missing', () => {
  rememberFolder(stateFolder, folder, hubId, 1);
  rmSync(folder, { recursive: true });
  expect(() => check()).not.toThrow();
  for (const name of readdirSync(join(stateFolder, 'folders'))) {
    const path = join(stateFolder, 'folders', name);
    writeFileSync(path, readFileSync(path, 'utf8').replace(/"mountPoint":"[^"]*"/, `"mountPoint":"${root}"`));
  }
  expect(() => check()).toThrow(`(mounted at ${root} then)`);
});

test('recognises a folder by its symbolic link and by the target of the link', () => {
  const link = join(root, 'link');
  symlinkSync(folder, link);
  rememberFolder(stateFolder, link, hubId, 1);
  expect(() => check()).toThrow('not mounted');
  expect(() => refuseUnmounted(link, { stateFolder })).toThrow('not mounted');
});

test('tolerates damaged and unwritable records', () => {
  rememberFolder(stateFolder, folder, hubId, 1);
  for (const name of readdirSync(join(stateFolder, 'folders')))
    writeFileSync(join(stateFolder, 'folders', name), '{"folder":');
  expect(() => check()).not.toThrow();
  writeFileSync(join(root, 'a-file'), '');
  expect(rememberFolder(join(root, 'a-file'), folder, hubId, 1)).toBe(false);
});

test('remembers at most 200 folders', () => {
  for (let count = 0; count < 210; count++)
    rememberFolder(stateFolder, join(root, `d${count}`), hubId, count);
  expect(readdirSync(join(stateFolder, 'folders')).length).toBeLessThanOrEqual(200);
});

test('names an unmounted mount point of fstab and ignores unrelated ones', () => {
  const fstab = join(root, 'fstab');
  const point = join(root, 'my disk');
  mkdirSync(join(point, 'hub'), { recursive: true });
  writeFileSync(
    fstab,
    [
      '# a comment',
      'UUID=1 / ext4 defaults 0 1',
      'UUID=2 none swap sw 0 0',
      `UUID=3 ${point.replace(' ', '\\040')} ext4 defaults 0 2`,
      `UUID=4 ${folder}x ext4 defaults 0 2`,
      '',
    ].join('\n'),
  );
  expect(() => refuseUnmounted(join(point, 'hub'), { stateFolder, fstab })).toThrow(`mounts at ${point}`);
  expect(() => check({ fstab })).not.toThrow();
});

test('finds the mount point of a folder whether or not the folder exists', () => {
  expect(mountPointOf(folder)).toBe(mountPointOf(join(folder, 'not', 'there')));
  expect(mountPointOf('/proc/self')).toBe('/proc');
});
