import { mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { faultReasonOf } from '@turnover/domain/requests/system-faults';
import type { Database } from './open.ts';
import { keepReserve, openSpaceReserve, reservePath, withReserve } from './space-reserve.ts';
import { openTestDatabase } from './testing.ts';
import { inTransaction } from './transaction.ts';
import { companies } from './schema/accounts.ts';
import { mountSmallDisk, removeSmallDisk } from './testing/small-disk.ts';

const MiB = 1024 * 1024;
let folder: string;
let db: Database | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'turnover-reserve-'));
});
afterEach(() => {
  db?.$client.close();
  db = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const roomy = { free: () => 1000 * MiB, total: () => 10_000 * MiB };
const add = (database: Database, id: string, name = id) =>
  inTransaction(database, (tx) => {
    tx.insert(companies).values({ id, name, nameKey: id, createdAt: 1 }).run();
  });
const count = (database: Database) => database.select().from(companies).all().length;

describe('the reserve', () => {
  test('occupies disk space, is freed in pieces, and is filled again when there is space', async () => {
    let free = 1000 * MiB;
    const reserve = openSpaceReserve(folder, { ...roomy, free: () => free }, 4 * MiB);
    expect(reserve.isWhole()).toBe(false);
    expect(await reserve.takeBack()).toBe(true);
    const { size, blocks } = statSync(reservePath(folder));
    expect([size, blocks * 512 >= size]).toEqual([4 * MiB, true]);
    expect(reserve.giveUpPiece()).toBe(true);
    expect(reserve.heldBytes()).toBe(4 * MiB - 256 * 1024);
    expect(reserve.isWhole()).toBe(false);
    free = 100_000;
    expect(await reserve.takeBack()).toBe(false);
    free = 1000 * MiB;
    expect(await reserve.takeBack()).toBe(true);
    let pieces = 0;
    while (reserve.giveUpPiece()) pieces++;
    expect([pieces, reserve.heldBytes()]).toEqual([16, 0]);
  });

  test.each([
    [10_000 * MiB, 32 * MiB],
    [96 * MiB, 6 * MiB],
    [8 * MiB, 0],
    [0, 0],
  ])('of a disk of %i bytes is %i', async (total, wholeBytes) => {
    const reserve = openSpaceReserve(folder, { ...roomy, total: () => total });
    expect(reserve.wholeBytes).toBe(wholeBytes);
    if (wholeBytes === 0) expect([reserve.isWhole(), reserve.giveUpPiece()]).toEqual([true, false]);
  });
});

/** Simulates a full disk with SQLite's own size limit. */
describe('a commit on a full disk', () => {
  function fullDatabase(pieces: number) {
    db = openTestDatabase(join(folder, 'turnover.db'));
    const { $client } = db;
    let left = pieces;
    const full = () =>
      $client.pragma(`max_page_count = ${$client.pragma('page_count', { simple: true }) as number}`);
    full();
    const makeRoom = () => {
      left--;
      $client.pragma(`max_page_count = ${($client.pragma('page_count', { simple: true }) as number) + 50}`);
    };
    keepReserve($client, {
      wholeBytes: pieces,
      heldBytes: () => left,
      isWhole: () => left === pieces,
      giveUpPiece: () => left > 0 && (makeRoom(), true),
      takeBack: async () => false,
      freeBytes: () => 0,
    });
    return { database: db, left: () => left };
  }

  test('succeeds with a piece of the reserve, exactly once', () => {
    const { database, left } = fullDatabase(3);
    add(database, 'com_1', 'x'.repeat(100_000));
    expect([count(database), left()]).toEqual([1, 2]);
  });

  test('fails without partial writes when the reserve is used up, while reads continue', () => {
    const { database, left } = fullDatabase(2);
    const run = () => add(database, 'com_1', 'x'.repeat(2_000_000));
    expect(run).toThrow(expect.objectContaining({ code: 'SQLITE_FULL' }));
    expect([count(database), left(), database.$client.inTransaction]).toEqual([0, 0, false]);
  });

  test('inside a larger transaction is not retried alone', () => {
    const { database, left } = fullDatabase(5);
    inTransaction(database, () => {
      expect(() =>
        withReserve(database.$client, () => {
          throw Object.assign(new Error(), { code: 'SQLITE_FULL' });
        }),
      ).toThrow();
    });
    expect(left()).toBe(5);
  });

  test('does not use the reserve for other failures', () => {
    const { database, left } = fullDatabase(2);
    add(database, 'com_1');
    expect(() => add(database, 'com_1')).toThrow('UNIQUE');
    expect(left()).toBe(2);
  });
});

/** SQLite has no error for a used-up quota and reports it as a disk error. */
describe('a commit that fails with a disk error', () => {
  const errno = (code: string) => Object.assign(new Error(`${code}: as the system says`), { code });

  /** Fails the given number of times; `whyNoRoom` returns the system's reason. */
  function failing(times: number, whyNoRoom: () => unknown, code = 'SQLITE_IOERR_WRITE', pieces = 5) {
    db = openTestDatabase();
    let left = pieces;
    keepReserve(db.$client, {
      wholeBytes: pieces,
      heldBytes: () => left,
      isWhole: () => left === pieces,
      giveUpPiece: () => left > 0 && left-- > 0,
      takeBack: async () => false,
      freeBytes: () => 0,
      whyNoRoom,
    });
    const { $client } = db;
    let runs = 0;
    const run = () =>
      withReserve($client, () => {
        if (++runs <= times) throw Object.assign(new Error('disk I/O error'), { code });
        return 'written';
      });
    return { run, left: () => left };
  }

  test('because of a used-up quota succeeds with the reserve, which counts towards the quota', () => {
    const { run, left } = failing(2, () => errno('EDQUOT'));
    expect([run(), left()]).toEqual(['written', 3]);
  });

  test.each([
    ['EDQUOT', 'quota'],
    ['ENOSPC', 'disk_full'],
  ])('reports the reason when nothing is left: %s', (code, reason) => {
    const { run } = failing(99, () => errno(code));
    let refused: unknown;
    try {
      run();
    } catch (error) {
      refused = error;
    }
    expect(faultReasonOf(refused)).toBe(reason);
    expect(refused).toMatchObject({ cause: { code: 'SQLITE_IOERR_WRITE' } });
  });

  test.each([
    ['the system takes bytes again', () => undefined, 'SQLITE_IOERR_WRITE'],
    ['the system says it is the disk', () => errno('EIO'), 'SQLITE_IOERR_WRITE'],
    // It is unknown whether the bytes were written, so such a commit is not retried.
    ['the bytes were taken and not kept', () => errno('EDQUOT'), 'SQLITE_IOERR_FSYNC'],
  ])('stays a disk error when %s', (_, whyNoRoom, code) => {
    const { run, left } = failing(1, whyNoRoom, code);
    expect(run).toThrow(expect.objectContaining({ code }));
    expect(left()).toBe(5);
  });

  test('probes the disk with a real file and removes it', () => {
    const reserve = openSpaceReserve(folder, roomy);
    expect(reserve.whyNoRoom!()).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
    rmSync(folder, { recursive: true });
    expect(reserve.whyNoRoom!()).toMatchObject({ code: 'ENOENT' });
  });
});

const disk = mountSmallDisk(24);

describe.skipIf(disk === null)('on a real disk that is full (needs root, to mount one)', () => {
  test('changes continue for a while, then fail completely; reads never fail, and free space repairs everything', async () => {
    const at = join(disk!, 'data');
    mkdirSync(at);
    const database = openTestDatabase(join(at, 'turnover.db'));
    try {
      const reserve = openSpaceReserve(at);
      expect(await reserve.takeBack()).toBe(true);
      keepReserve(database.$client, reserve);
      const { bavail, bsize } = statfsSync(at);
      const filler = join(disk!, 'filler');
      writeFileSync(filler, Buffer.alloc(bavail * bsize));
      let done = 0;
      let refused: unknown;
      for (let number = 0; number < 2000 && !refused; number++) {
        try {
          add(database, `com_${number}`, 'x'.repeat(8000));
          done++;
        } catch (error) {
          refused = error;
        }
      }
      expect(done).toBeGreaterThan(20);
      expect(refused).toMatchObject({ code: expect.stringMatching(/^SQLITE_(FULL|IOERR)/) });
      expect(count(database)).toBe(done);
      expect(reserve.whyNoRoom!()).toMatchObject({ code: 'ENOSPC' });
      expect(await reserve.takeBack()).toBe(false);
      rmSync(filler);
      expect(await reserve.takeBack()).toBe(true);
      add(database, 'com_again');
      expect(count(database)).toBe(done + 1);
    } finally {
      database.$client.close();
      removeSmallDisk(disk);
    }
  });
});
