import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { HubError } from '@turnover/domain/errors';
import { commitTogether } from './group-commit.ts';
import type { Database, Transaction } from './open.ts';
import { companies } from './schema/accounts.ts';
import { openTestDatabase } from './testing.ts';

let folder: string;
let db: Database;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'turnover-group-'));
  db = openTestDatabase(join(folder, 'turnover.db'));
});
afterEach(() => {
  db.$client.close();
  rmSync(folder, { recursive: true, force: true });
});

const row = (id: string) => ({ id, name: id, nameKey: id, createdAt: 1 });
const insert = (tx: Transaction, id: string) => void tx.insert(companies).values(row(id)).run();
const ids = () =>
  db
    .select({ id: companies.id })
    .from(companies)
    .orderBy(companies.id)
    .all()
    .map(({ id }) => id);
const tooMany = () => new HubError('conflict', 'Refused.');

describe('changes that arrive together', () => {
  test('share one commit, which another connection sees when they resolve', async () => {
    const commits = vi.spyOn(db, 'transaction');
    const other = new Sqlite(join(folder, 'turnover.db'), { readonly: true });
    const seen = await Promise.all(
      ['a', 'b', 'c'].map((id) =>
        commitTogether(db, (tx) => (insert(tx, id), id)).then(() =>
          other.prepare('select count(*) from companies').pluck().get(),
        ),
      ),
    );
    other.close();
    expect(seen).toEqual([3, 3, 3]);
    expect(commits).toHaveBeenCalledTimes(1);
  });

  test('are written even when one is refused, which leaves none of its rows', async () => {
    const results = await Promise.allSettled([
      commitTogether(db, (tx) => insert(tx, 'a')),
      commitTogether(db, (tx) => {
        insert(tx, 'b');
        throw tooMany();
      }),
      commitTogether(db, (tx) => insert(tx, 'c')),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(ids()).toEqual(['a', 'c']);
  });

  test('are written even when one violates a constraint or throws any other error', async () => {
    const results = await Promise.allSettled([
      commitTogether(db, (tx) => insert(tx, 'a')),
      commitTogether(db, (tx) => insert(tx, 'a')),
      commitTogether(db, (tx) => {
        insert(tx, 'b');
        throw new TypeError('a bug');
      }),
      commitTogether(db, (tx) => insert(tx, 'c')),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(ids()).toEqual(['a', 'c']);
  });

  test('all fail when the database fails, and nothing is written', async () => {
    const broken = Object.assign(new Error('disk'), { code: 'SQLITE_IOERR_FSYNC' });
    let tries = 0;
    const results = await Promise.allSettled([
      commitTogether(db, (tx) => insert(tx, 'a')),
      commitTogether(db, () => {
        tries++;
        throw broken;
      }),
    ]);
    expect(results).toMatchObject([{ reason: broken }, { reason: broken }]);
    expect([ids(), tries]).toEqual([[], 1]);
    await commitTogether(db, (tx) => insert(tx, 'later'));
    expect(ids()).toEqual(['later']);
  });

  test('fail with the cause when it has ended the whole transaction', async () => {
    const broken = Object.assign(new Error('disk'), { code: 'SQLITE_IOERR_WRITE' });
    const results = await Promise.allSettled([
      commitTogether(db, (tx) => insert(tx, 'a')),
      commitTogether(db, () => {
        db.$client.exec('rollback');
        throw broken;
      }),
    ]);
    expect(results).toMatchObject([{ reason: broken }, { reason: broken }]);
    expect(ids()).toEqual([]);
  });

  test('share what one of them has read, but not with later commits', async () => {
    const look = (_tx: Transaction, shared: Map<string, unknown>) => {
      const before = shared.get('looked');
      shared.set('looked', true);
      return before ?? false;
    };
    expect(await Promise.all([commitTogether(db, look), commitTogether(db, look)])).toEqual([false, true]);
    expect(await commitTogether(db, look)).toBe(false);
  });

  test('are split into groups when the work takes long', async () => {
    const commits = vi.spyOn(db, 'transaction');
    const busy = (tx: Transaction, id: string) => {
      const before = process.threadCpuUsage();
      while (process.threadCpuUsage(before).user < 20_000);
      insert(tx, id);
    };
    await Promise.all(['a', 'b', 'c'].map((id) => commitTogether(db, (tx) => busy(tx, id))));
    expect(commits).toHaveBeenCalledTimes(3);
    expect(ids()).toEqual(['a', 'b', 'c']);
  });

  test('are written even when they begin while others resolve', async () => {
    await commitTogether(db, (tx) => insert(tx, 'a'));
    await Promise.all([
      commitTogether(db, (tx) => insert(tx, 'b')).then(() => commitTogether(db, (tx) => insert(tx, 'c'))),
      commitTogether(db, (tx) => insert(tx, 'd')),
    ]);
    expect(ids()).toEqual(['a', 'b', 'c', 'd']);
  });
});
