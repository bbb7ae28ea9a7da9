import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { writeMarker } from '@turnover/db/folder-markers';
import { openDatabase } from '@turnover/db/open';
import { assets } from '@turnover/db/schema/assets';
import { backupRuns } from '@turnover/db/schema/backups';
import { hub as hubTable } from '@turnover/db/schema/hub';
import { notifications } from '@turnover/db/schema/notifications';
import { mountSmallDisk, removeSmallDisk } from '@turnover/db/testing/small-disk';
import { inTransaction } from '@turnover/db/transaction';
import { verifyBackup } from '@turnover/db/verify-backup';
import { dayMs } from '@turnover/domain/days';
import { claim, giveUpLapsed } from '../jobs.ts';
import { testHub, type TestHub } from '../testing/hub.ts';
import type { Person } from '../context.ts';
import { listBackups } from './list.ts';
import { makeBackup, recordFailure, type BackupJob } from './make.ts';
import { backUpNow, queueDueBackup } from './queue.ts';

let hub: TestHub;
let owner: Person;
beforeEach(async () => {
  vi.stubEnv('TZ', 'UTC');
  hub = await testHub({ onDisk: true });
  owner = hub.createPerson({ name: 'Olga', isOwner: true });
  hub.createPerson({ name: 'Pat' });
  const id = hub.ctx.newId('hub');
  hub.db.insert(hubTable).values({ id, createdAt: hub.clock.now, folderId: null }).run();
});
afterEach(() => {
  hub.close();
  vi.unstubAllEnvs();
});

const folder = () => hub.ctx.backups.folder;
const never = new AbortController().signal;
const runs = () => hub.db.select().from(backupRuns).orderBy(backupRuns.createdAt).all();
const names = () => readdirSync(folder()).filter((name) => name.endsWith('.db'));

function claimed(): BackupJob {
  const job = claim(hub.ctx, ['makeBackup']);
  if (job?.kind !== 'makeBackup') throw new Error('No backup is queued.');
  return job;
}

/** Asks for a backup and makes it, as the worker does. */
async function make(): Promise<string | null> {
  hub.clock.advance(1000);
  expect(backUpNow(hub.as(owner))).toEqual({ isNew: true });
  await makeBackup(hub.ctx, claimed(), never);
  const last = hub.db.$client.prepare('select name from backup_runs order by rowid desc limit 1');
  return last.pluck().get() as string | null;
}

async function failureOfNext(): Promise<string | null> {
  await make();
  const run = runs().at(-1)!;
  expect(run.status).toBe(run.failure === null ? 'made' : 'failed');
  return run.failure;
}

describe('the schedule', () => {
  // The hub of the test begins at 9 o'clock.
  const atNextTwo = 17 * 3600_000;

  test('makes a backup at its time and not before, once a day', () => {
    expect(queueDueBackup(hub.ctx)).toBe(false);
    hub.clock.advance(atNextTwo - 1);
    expect(queueDueBackup(hub.ctx)).toBe(false);
    hub.clock.advance(1);
    expect(queueDueBackup(hub.ctx)).toBe(true);
    expect(queueDueBackup(hub.ctx)).toBe(false);
    expect(runs()).toMatchObject([{ dueAt: hub.clock.now, status: 'waiting', askedBy: null }]);
  });

  test('makes up for the latest missed backup when the hub was off', async () => {
    hub.clock.advance(atNextTwo + 3 * dayMs + 5 * 3600_000);
    expect(queueDueBackup(hub.ctx)).toBe(true);
    await makeBackup(hub.ctx, claimed(), never);
    expect(queueDueBackup(hub.ctx)).toBe(false);
    expect(runs()).toMatchObject([{ dueAt: hub.clock.now - 5 * 3600_000, status: 'made' }]);
  });

  test('can be switched off', () => {
    hub.clock.advance(10 * dayMs);
    hub.ctx.backups.at = null;
    expect(queueDueBackup(hub.ctx)).toBe(false);
  });

  test('goes on when the clock comes back from a wrong time in the future', async () => {
    const right = hub.clock.now;
    hub.clock.advance(4000 * dayMs);
    queueDueBackup(hub.ctx);
    await makeBackup(hub.ctx, claimed(), never);
    hub.clock.now = right + atNextTwo;
    expect(queueDueBackup(hub.ctx)).toBe(true);
    await makeBackup(hub.ctx, claimed(), never);
    expect(queueDueBackup(hub.ctx)).toBe(false);
  });
});

describe('a backup by the worker', () => {
  test('has the database, a manifest and hashes, and is recorded', async () => {
    const asset = { id: hub.ctx.newId('asset'), sizeBytes: 5, createdAt: hub.clock.now };
    hub.db
      .insert(assets)
      .values({ ...asset, state: 'stored' })
      .run();
    const name = (await make())!;
    expect(readdirSync(folder()).sort()).toEqual(
      [name, name.replace('.db', '.sha256'), name.replace('.db', '.vault'), 'turnover.id'].sort(),
    );
    const { sizeBytes } = verifyBackup(join(folder(), name));
    expect(runs()).toMatchObject([
      { status: 'made', name, sizeBytes, assets: 1, askedBy: owner.id, dueAt: null, failure: null },
    ]);
    expect(hub.db.select().from(notifications).all()).toEqual([]);
  });

  test('is not begun while another one waits or runs', () => {
    expect(backUpNow(hub.as(owner))).toEqual({ isNew: true });
    expect(backUpNow(hub.as(owner))).toEqual({ isNew: false });
    claimed();
    expect(backUpNow(hub.as(owner))).toEqual({ isNew: false });
    expect(runs()).toHaveLength(1);
  });

  test('removes the oldest beyond the number that is kept, and nothing else', async () => {
    mkdirSync(folder());
    const others = [
      'notes.txt',
      'turnover-2020.db',
      '2026-01-01T00-00-00.000Z.db',
      '2026-01-02T00-00-00.000Z-before-0041_backup_runs.db',
      '2026-01-03T00-00-00.000Z-before-restore.db',
    ];
    for (const other of others) writeFileSync(join(folder(), other), 'not by the worker');
    const made: (string | null)[] = [];
    for (let count = 0; count < 5; count++) made.push(await make());
    const left = readdirSync(folder());
    expect(left).toEqual(expect.arrayContaining(others));
    expect(left.filter((name) => !others.includes(name) && name !== 'turnover.id').sort()).toEqual(
      made
        .slice(2)
        .flatMap((name) => [name, name!.replace('.db', '.sha256'), name!.replace('.db', '.vault')])
        .sort(),
    );
  });

  test('removes backups with times in the future first, and none while the clock is wrong', async () => {
    const right = hub.clock.now;
    hub.clock.advance(400 * dayMs);
    const future = await make();
    hub.clock.now = right;
    const made = [await make(), await make(), await make()];
    expect(names().sort()).toEqual([...made].sort());
    expect(names()).not.toContain(future);
    hub.db.update(hubTable).set({ clockAt: right }).run();
    hub.clock.advance(400 * dayMs);
    await make();
    expect(names()).toHaveLength(4);
  });
});

describe('a backup that cannot be made', () => {
  test('is recorded, and owners are notified in the inbox and by mail; earlier backups stay', async () => {
    const good = await make();
    const before = hub.ctx.backups.folder;
    hub.ctx.backups.folder = join(hub.folder, 'elsewhere', 'backups');
    expect(await failureOfNext()).toBe('not_mounted');
    expect(existsSync(join(hub.folder, 'elsewhere'))).toBe(false);
    const told = hub.db.select().from(notifications).all();
    expect(told).toMatchObject([
      {
        userId: owner.id,
        kind: 'backup.failed',
        data: { failure: 'not_mounted', at: hub.clock.now, href: '/server/backups' },
      },
    ]);
    expect(told[0]!.mailDueAt).not.toBeNull();
    expect(hub.logged).toContainEqual(expect.objectContaining({ event: 'backup.notMade' }));
    expect(readdirSync(before)).toContain(good);
  });

  test('because the folder belongs to another hub', async () => {
    mkdirSync(folder());
    writeMarker(folder(), { hubId: hub.ctx.newId('hub'), folderId: null });
    expect(await failureOfNext()).toBe('other_hub');
    expect(names()).toEqual([]);
  });

  test('because the folder was used and is empty, as a mount point without its disk', async () => {
    await make();
    rmSync(folder(), { recursive: true });
    mkdirSync(folder());
    expect(await failureOfNext()).toBe('not_mounted');
    expect(readdirSync(folder())).toEqual([]);
    // Without the folder, nothing can be mounted there.
    rmSync(folder(), { recursive: true });
    expect(await failureOfNext()).toBeNull();
  });

  test('because the database is damaged', async () => {
    const page = 4096;
    const path = join(hub.folder, 'turnover.db');
    hub.db.$client.pragma('wal_checkpoint(TRUNCATE)');
    const root = hub.db.$client.prepare("select rootpage from sqlite_schema where name = 'company_makers'");
    const bytes = readFileSync(path);
    bytes.fill(7, ((root.pluck().get() as number) - 1) * page, (root.pluck().get() as number) * page);
    writeFileSync(path, bytes);
    expect(await failureOfNext()).toBe('damaged');
    expect(names()).toEqual([]);
  });

  const disk = mountSmallDisk(1);
  afterAll(() => removeSmallDisk(disk));
  test.skipIf(disk === null)('because the disk for backups is full', async () => {
    const small = join(disk!, 'backups');
    mkdirSync(small);
    writeFileSync(join(disk!, 'filler'), Buffer.alloc(900 * 1024));
    hub.ctx.backups.folder = small;
    expect(await failureOfNext()).toBe('disk_full');
    expect(names()).toEqual([]);
  });
});

describe('an interrupted backup', () => {
  test('is made again by the next attempt, which clears away what was left', async () => {
    backUpNow(hub.as(owner));
    const stopped = new AbortController();
    const attempt = makeBackup(hub.ctx, claimed(), stopped.signal);
    stopped.abort(new Error('The worker stops.'));
    await expect(attempt).rejects.toThrow('The worker stops.');
    const { name } = runs()[0]!;
    writeFileSync(join(folder(), `${name}.partial`), 'half a database');
    hub.clock.advance(60_000);
    await makeBackup(hub.ctx, claimed(), never);
    expect(runs()).toMatchObject([{ status: 'made' }]);
    expect(names()).toEqual([runs()[0]!.name]);
    expect(readdirSync(folder())).toHaveLength(4);
  });

  test('that was whole is kept: a hub that was restored from it finds the attempt still running', async () => {
    const name = (await make())!;
    const copy = openDatabase(readFileSync(join(folder(), name)));
    const recorded = copy.select().from(backupRuns).all();
    copy.$client.close();
    expect(recorded).toMatchObject([{ status: 'running', name }]);
    hub.db.update(backupRuns).set({ status: 'running' }).run();
    hub.db.$client.exec("update jobs set status = 'waiting', lease_token = null where kind = 'makeBackup'");
    hub.clock.advance(60_000);
    await makeBackup(hub.ctx, claimed(), never);
    expect(names()).toHaveLength(2);
    expect(names()).toContain(name);
  });

  test('is given up after several attempts, and owners are notified', () => {
    backUpNow(hub.as(owner));
    for (let attempt = 0; attempt < 5; attempt++) {
      claimed();
      hub.clock.advance(60_000);
    }
    giveUpLapsed(hub.ctx, (tx, job) => recordFailure(tx, hub.ctx, job as BackupJob, 'interrupted'));
    expect(runs()).toMatchObject([{ status: 'failed', failure: 'interrupted' }]);
    expect(hub.db.select().from(notifications).all()).toMatchObject([{ kind: 'backup.failed' }]);
  });
});

describe('the list', () => {
  test('shows what is kept, what failed, what was removed, and copies by others', async () => {
    const removed = (await make())!;
    const kept = (await make())!;
    rmSync(join(folder(), removed));
    writeFileSync(join(folder(), '2026-01-02T00-00-00.000Z-before-0041_backup_runs.db'), 'copy');
    hub.clock.advance(1000);
    backUpNow(hub.as(owner));
    inTransaction(hub.db, (tx) => recordFailure(tx, hub.ctx, claimed(), 'disk_full'));
    const { backups, ...settings } = await listBackups(hub.ctx);
    expect(settings).toEqual({
      canRestore: false,
      dailyAt: '02:00',
      latestRestore: null,
      nextAt: Date.UTC(2026, 0, 13, 2),
      kept: 3,
      folder: folder(),
      folderProblem: null,
    });
    expect(backups.find(({ cause }) => cause === 'update')).toMatchObject({
      state: 'kept',
      sizeBytes: 4,
      at: Date.UTC(2026, 0, 2),
    });
    expect(backups.filter(({ cause }) => cause === 'person')).toMatchObject([
      { state: 'failed', failure: 'disk_full' },
      { state: 'made', name: kept, assets: 0 },
      { state: 'removed', name: removed },
    ]);
  });

  test('says why the folder cannot be read', async () => {
    expect(await listBackups(hub.ctx)).toMatchObject({ folderProblem: null, backups: [] });
    await make();
    rmSync(folder(), { recursive: true });
    expect(await listBackups(hub.ctx)).toMatchObject({
      folderProblem: 'not_mounted',
      backups: [{ state: 'removed' }],
    });
  });
});
