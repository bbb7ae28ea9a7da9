/** A data folder in which the hub must not start: a sentence that says why and what to do, and not one file changed. */
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
  // At the same place, which the machine remembers.
  cpSync(join(template, 'well'), root, { recursive: true });
});
afterAll(() => rmSync(template, { recursive: true, force: true }));

/** As the web process opens it, before anything else. */
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

test('without any of it the hub starts', () => {
  expect(open).not.toThrow();
});

test.each(badFolders)('$what', ({ spoil, says }) => {
  spoil(join(root, 'data'));
  const before = picture(root);
  const error = refusal();
  expect(startFailure(error)).toMatch(says);
  // The process ends with 78: starting it again would not help.
  expect(isPassing(error)).toBe(false);
  expect(picture(root)).toEqual(before);
});
