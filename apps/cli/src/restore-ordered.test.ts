import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { idsFrom } from '@turnover/core/ids';
import { claimDataFolder } from '@turnover/core/server/claim-folder';
import { writeBackup } from '@turnover/db/backup';
import { openMigrated } from '@turnover/db/migrate';
import { openDatabase } from '@turnover/db/open';
import { restores } from '@turnover/db/schema/backups';
import { freePort } from '@turnover/core/testing/free-port';
import { serveMaintenancePage } from './maintenance/page.ts';
import { run } from './run.ts';

const backup = 'copy.db';
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'turnover-ordered-'));
  const db = openMigrated(folder, { clock: Date.now });
  claimDataFolder(db, folder, { clock: Date.now, newId: idsFrom(Date.now) });
  db.$client.close();
  writeBackup(database(), join(folder, 'backups', backup));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const database = () => join(folder, 'turnover.db');

function order(): void {
  const db = openDatabase(database());
  db.insert(restores)
    .values({ id: 'rst_1', backup, orderedBy: 'olga@hub.example', state: 'ordered', createdAt: 1 })
    .run();
  db.$client.close();
}

function stored() {
  const db = openDatabase(database());
  const rows = db.select().from(restores).all();
  db.$client.close();
  return rows;
}

async function call() {
  const printed: string[] = [];
  const output = {
    print: (text: string) => printed.push(text),
    printError: (text: string) => printed.push(text),
  };
  const code = await run(['restore', '--ordered'], { TURNOVER_DATA: folder, PORT: '0' }, output);
  return { code, printed: printed.join('\n') };
}

test('carries out the order of an owner without asking, and keeps a restore point', async () => {
  order();
  const { code, printed } = await call();
  expect(printed).toContain('Restored.');
  expect(code).toBe(0);
  expect(stored()).toEqual([]);
  expect(readdirSync(join(folder, 'backups')).filter((name) => name.includes('-before-restore'))).not.toEqual(
    [],
  );
  expect(existsSync(join(folder, 'restored.json'))).toBe(true);
});

test('a refusal stays in the database, which is not replaced', async () => {
  order();
  truncateSync(join(folder, 'backups', backup), 5000);
  const { code, printed } = await call();
  expect(code).toBe(1);
  const [row] = stored();
  expect(row).toMatchObject({ state: 'refused' });
  expect(printed).toContain(row!.reason);
  expect(row!.reason).toContain('Nothing was changed.');
});

test('does nothing without an order', async () => {
  expect(await call()).toEqual({ code: 0, printed: '' });
});

test('people and programs learn meanwhile that the hub comes back', async () => {
  const config = { host: '127.0.0.1', port: await freePort() };
  const close = await serveMaintenancePage(config);
  const at = `http://127.0.0.1:${config.port}/p/any`;
  const page = await fetch(at, { headers: { accept: 'text/html', 'accept-language': 'es' } });
  expect(page.status).toBe(503);
  expect(page.headers.get('retry-after')).toBe('5');
  expect(await page.text()).toContain('El servidor está restaurando');
  const program = await fetch(at, { method: 'PATCH', body: 'bytes' });
  expect([program.status, program.headers.get('content-type')]).toEqual([503, 'text/plain; charset=utf-8']);
  await close();
  await expect(fetch(at)).rejects.toThrow();
});

test('a taken address does not prevent the restore', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const close = await serveMaintenancePage({
    host: '127.0.0.1',
    port: (other.address() as AddressInfo).port,
  });
  await close();
  other.close();
});
