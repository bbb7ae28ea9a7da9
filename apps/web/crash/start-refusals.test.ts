/**
 * The real web process on folders that belong to others or cannot be written: it exits, says what to do, and creates nothing.
 * `bad-folders.long.test.ts` has more of them, because a process takes seconds on a busy machine.
 */
import { afterAll, describe, test, vi } from 'vitest';
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

// This timeout only ends hangs: starting a process can take long on a busy machine.
vi.setConfig({ testTimeout: 120_000 });
afterAll(removePlaces);

test.skipIf(isRoot)(
  'a folder that its owner cannot write (not as root, who may write anywhere)',
  async () => {
    await expectRefusal(makeFolder(undefined, 0o500), [/cannot be read and written by/, /chmod -R u\+rwX/]);
  },
);

describe.skipIf(!canBeStranger)('of another user (needs root, to act as two users)', () => {
  test.concurrent('root in the folder of another user', async () => {
    await expectRefusal(makeFolder(stranger), [
      /belongs to (nobody|user 65534), but Turnover runs as root/,
      /Start Turnover as (nobody|user 65534), or .*chown -R root/,
    ]);
  });

  test.concurrent('another user in the folder of root', async () => {
    const says = [/belongs to root/, /Start Turnover as root, or .*chown -R/];
    await expectRefusal(makeFolder(0), says, stranger);
  });
});

test.skipIf(!isRoot || !canMount())(
  'a disk that is mounted read-only (needs root, to mount it)',
  async () => {
    const place = makeFolder();
    mount(place.folder, '-o', 'ro');
    await expectRefusal(place, [/mounted read-only/, /remount,rw/]);
  },
);
