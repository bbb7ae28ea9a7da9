import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { claimDataFolder } from '@turnover/core/server/claim-folder';
import { keepClock } from '@turnover/core/server/clock-trust';
import { testHub, type TestHub } from '@turnover/core/testing/hub';
import { openDatabase, setWaitMs } from '@turnover/db/open';
import { healthReader, readHealth, type Health } from './health.ts';

let hub: TestHub;
let hubId: string;
let reserve: { held: number; free: number };
beforeEach(async () => {
  hub = await testHub({ onDisk: true, limits: { spaceReserveBytes: 100 } });
  setWaitMs(hub.db, 100);
  ({ hubId } = claimDataFolder(hub.db, hub.folder, { clock: hub.ctx.clock, newId: hub.ctx.newId }));
  reserve = { held: 10, free: 1000 };
  sayAlive();
});
afterEach(() => hub.close());

const sayAlive = () => writeFileSync(join(hub.folder, 'worker.json'), JSON.stringify({ at: hub.clock.now }));
const folderOf = () => ({
  hubId,
  reserve: {
    isWhole: () => reserve.held === 10,
    heldBytes: () => reserve.held,
    freeBytes: () => reserve.free,
  },
});
const read = () => readHealth(hub.ctx, hub.folder, folderOf());

const well: Health = {
  status: 'ok',
  web: 'ok',
  database: 'ok',
  worker: 'ok',
  storage: 'ok',
  space: 'ok',
  clock: 'ok',
  reasons: [],
};

test('answers 200 when everything works', async () => {
  expect(await read()).toEqual(well);
});

test.each([
  ['a part of the reserve was given up', () => (reserve.held = 9)],
  ['no upload is taken any more', () => (reserve.free = 100)],
])('almost full: %s', async (_, act) => {
  act();
  expect(await read()).toEqual({ ...well, status: 'down', space: 'low', reasons: ['disk_full'] });
});

test('reports a silent worker', async () => {
  hub.clock.advance(31_000);
  expect(await read()).toMatchObject({ status: 'down', worker: 'down', database: 'ok' });
  rmSync(join(hub.folder, 'worker.json'));
  expect(await read()).toMatchObject({ status: 'down', worker: 'down' });
});

test('reports a database that another process holds, until it is released', async () => {
  const other = openDatabase(join(hub.folder, 'turnover.db'));
  other.$client.exec('BEGIN IMMEDIATE');
  expect(await read()).toEqual({ ...well, status: 'down', database: 'down', reasons: ['busy'] });
  other.$client.close();
  expect(await read()).toEqual(well);
});

test.each(['vault', 'incoming', 'quarantine'])('reports that the disk of %s disappeared', async (name) => {
  renameSync(join(hub.folder, name), join(hub.folder, 'away'));
  mkdirSync(join(hub.folder, name));
  expect(await read()).toEqual({ ...well, status: 'down', storage: 'down', reasons: ['not_there'] });
  rmSync(join(hub.folder, name), { recursive: true });
  renameSync(join(hub.folder, 'away'), join(hub.folder, name));
  expect(await read()).toEqual(well);
});

test('reports a clock that is not trusted', async () => {
  keepClock(hub.ctx);
  hub.clock.advance(40 * 24 * 3600_000);
  sayAlive();
  expect(await read()).toEqual({ ...well, status: 'down', clock: 'distrusted' });
});

test.skipIf(process.getuid?.() === 0)(
  'reports a folder that is not writable (not as root, who may write anywhere)',
  async () => {
    chmodSync(hub.folder, 0o500);
    expect(await read()).toMatchObject({ status: 'down', storage: 'down', reasons: ['denied'] });
    chmodSync(hub.folder, 0o700);
  },
);

test('repeated requests get the cached answer, without paths or sizes', async () => {
  const reader = healthReader(hub.ctx, hub.folder, folderOf());
  expect(reader()).toBe(reader());
  reserve.held = 0;
  rmSync(join(hub.folder, 'vault'), { recursive: true });
  expect(JSON.stringify(await read())).not.toMatch(/\/|\d/);
});
