/** Every bad data folder with the real web process: it exits with 78, prints its message and changes no file. */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '@turnover/config/config';
import { openDataFolder } from '../http/open-data-folder.ts';
import { badFolders, picture, startServer } from './testing-bad-folders.ts';
import {
  canBeStranger,
  canMount,
  expectRefusal,
  isRoot,
  makeFolder,
  mount,
  removePlaces,
  stranger,
} from './testing-start-refusals.ts';

const top = mkdtempSync(join(tmpdir(), 'turnover-bad-'));
const root = join(top, 'root');
const env = { TURNOVER_DATA: join(root, 'data'), TURNOVER_STATE: join(root, 'state') };
beforeAll(() => {
  mkdirSync(root);
  const { db, lock } = openDataFolder(loadConfig(env));
  db.$client.close();
  lock.release();
  cpSync(root, join(top, 'well'), { recursive: true });
});
afterAll(() => {
  rmSync(top, { recursive: true, force: true });
  removePlaces();
});

test.each(badFolders)('$what', async ({ spoil, says }) => {
  rmSync(root, { recursive: true, force: true });
  cpSync(join(top, 'well'), root, { recursive: true });
  spoil(env.TURNOVER_DATA);
  const before = picture(root);
  const { code, said } = await startServer(env);
  expect(said).toMatch(says);
  expect(code).toBe(78);
  expect(picture(root)).toEqual(before);
});

describe.skipIf(!canBeStranger)('of another user (needs root, to act as two users)', () => {
  test('another user cannot create the folder', async () => {
    const { at, folder } = makeFolder();
    rmSync(folder, { recursive: true });
    const says = [/cannot be created \(EACCES\).* in which this user may write/];
    await expectRefusal({ at, folder }, says, stranger);
  });

  test('a vault of root in their own folder', async () => {
    const place = makeFolder(stranger);
    mkdirSync(join(place.folder, 'vault'), { mode: 0o700 });
    await expectRefusal(place, [/vault cannot be read and written .* belongs to root.*chown -R/], stranger);
  });
});

test.skipIf(!isRoot || !canMount())(
  'a vault on another disk than incoming files (needs root, to mount it)',
  async () => {
    const place = makeFolder();
    mkdirSync(join(place.folder, 'vault'));
    mount(join(place.folder, 'vault'), '-o', 'size=1m');
    await expectRefusal(place, [/incoming and vault of .* are on different disks/, /Put .* on one disk/]);
  },
);
