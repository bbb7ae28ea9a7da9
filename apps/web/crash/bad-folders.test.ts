/** Data folders in which the hub must not start: it says why and what to do, and changes no file. */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { loadConfig } from '@turnover/config/config';
import { isPassing, startFailure } from '@turnover/db/start-failure';
import { openDataFolder } from '../http/open-data-folder.ts';
import { badFolders, picture } from './testing-bad-folders.ts';

let template: string;
let root: string;
beforeAll(() => {
  template = mkdtempSync(join(tmpdir(), 'turnover-bad-'));
  root = join(template, 'root');
  open();
  cpSync(root, join(template, 'well'), { recursive: true });
});
beforeEach(() => {
  rmSync(root, { recursive: true, force: true });
  // Copies to the same path, because the database stores it.
  cpSync(join(template, 'well'), root, { recursive: true });
});
afterAll(() => rmSync(template, { recursive: true, force: true }));

/** Opens the folder with the first steps of the web process. */
function open(): void {
  mkdirSync(root, { recursive: true });
  const { db, lock } = openDataFolder(
    loadConfig({ TURNOVER_DATA: join(root, 'data'), TURNOVER_STATE: join(root, 'state') }),
  );
  db.$client.close();
  lock.release();
}

function refusal(): unknown {
  try {
    open();
  } catch (error) {
    return error;
  }
  throw new Error('It was taken.');
}

test('starts in an undamaged folder', () => {
  expect(open).not.toThrow();
});

test.each(badFolders)('$what', ({ spoil, says }) => {
  spoil(join(root, 'data'));
  const before = picture(root);
  const error = refusal();
  expect(startFailure(error)).toMatch(says);
  // The process exits with 78, because a restart would not help.
  expect(isPassing(error)).toBe(false);
  expect(picture(root)).toEqual(before);
});
