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

test('an empty folder in which no hub has lived is free', () => {
  expect(() => check()).not.toThrow();
  rememberFolder(stateFolder, join(root, 'elsewhere'), hubId, 1);
  expect(() => check()).not.toThrow();
});

test('an empty folder where a hub lived is refused until its id is given up', () => {
  rememberFolder(stateFolder, folder, hubId, 1);
  expect(() => check()).toThrow(`start once with TURNOVER_START_ANEW=${hubId}`);
  mkdirSync(join(folder, 'lost+found'));
  expect(() => check()).toThrow('not mounted');
  expect(() => check({ startAnew: 'hub_of_another' })).toThrow('not mounted');
  expect(() => check({ startAnew: hubId })).not.toThrow();
});

test('a folder with a database is never refused here', () => {
  rememberFolder(stateFolder, folder, hubId, 1);
  writeFileSync(join(folder, 'turnover.db'), '');
  expect(() => check()).not.toThrow();
});

test('a folder that was removed whole on the same disk may begin anew; one whose disk is gone may not', () => {
  rememberFolder(stateFolder, folder, hubId, 1);
  rmSync(folder, { recursive: true });
  expect(() => check()).not.toThrow();
  for (const name of readdirSync(join(stateFolder, 'folders'))) {
    const path = join(stateFolder, 'folders', name);
    writeFileSync(path, readFileSync(path, 'utf8').replace(/"mountPoint":"[^"]*"/, `"mountPoint":"${root}"`));
  }
  expect(() => check()).toThrow(`(mounted at ${root} then)`);
});

test('it is known by its link and by what the link leads to', () => {
  const link = join(root, 'link');
  symlinkSync(folder, link);
  rememberFolder(stateFolder, link, hubId, 1);
  expect(() => check()).toThrow('not mounted');
  expect(() => refuseUnmounted(link, { stateFolder })).toThrow('not mounted');
});

test('what is remembered may be damaged, and may be impossible to write', () => {
  rememberFolder(stateFolder, folder, hubId, 1);
  for (const name of readdirSync(join(stateFolder, 'folders')))
    writeFileSync(join(stateFolder, 'folders', name), '{"folder":');
  expect(() => check()).not.toThrow();
  writeFileSync(join(root, 'a-file'), '');
  expect(rememberFolder(join(root, 'a-file'), folder, hubId, 1)).toBe(false);
});

test('no more than 200 folders are remembered', () => {
  for (let count = 0; count < 210; count++)
    rememberFolder(stateFolder, join(root, `d${count}`), hubId, count);
  expect(readdirSync(join(stateFolder, 'folders')).length).toBeLessThanOrEqual(200);
});

test('a mount point of fstab that is not mounted is named; others do not matter', () => {
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

test('the mount point of a folder is where its disk begins, whether the folder exists or not', () => {
  expect(mountPointOf(folder)).toBe(mountPointOf(join(folder, 'not', 'there')));
  expect(mountPointOf('/proc/self')).toBe('/proc');
});
