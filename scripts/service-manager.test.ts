import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { serviceManager } from './service-manager.mjs';

let folder: string;
let log: string;
let hub: Server;
let asked: number;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'service manager '));
  log = path.join(folder, 'log');
  writeFileSync(log, '');
  const notify = path.join(folder, 'systemd-notify');
  writeFileSync(notify, `#!/bin/sh\necho "$NOTIFY_SOCKET $*" >> '${log}'\n`);
  chmodSync(notify, 0o755);
  asked = 0;
});
afterEach(() => {
  hub?.closeAllConnections();
  hub?.close();
  rmSync(folder, { recursive: true, force: true });
});

const sent = () => readFileSync(log, 'utf8').split('\n').filter(Boolean);
const sees = (line: string) => vi.waitFor(() => expect(sent()).toContain(line), { timeout: 10_000 });
const env = (more = {}) => ({ PATH: `${folder}:${process.env.PATH}`, NOTIFY_SOCKET: '/run/notify', ...more });

async function serve(answer: boolean): Promise<Map<string, string>> {
  hub = createServer((_request, response) => {
    asked++;
    if (answer) response.writeHead(503).end();
  });
  await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve));
  return new Map([['web', `http://127.0.0.1:${(hub.address() as AddressInfo).port}`]]);
}

test('says ready with the address, alive while the hub answers, and stopping', async () => {
  const addresses = await serve(true);
  const manager = serviceManager(env({ WATCHDOG_USEC: '150000' }));
  manager.ready(addresses);
  await sees(`/run/notify --ready --status=Serving at ${addresses.get('web')}`);
  await sees('/run/notify WATCHDOG=1');
  manager.stopping();
  await sees('/run/notify STOPPING=1 --status=Stopping');
});

test('counts a hub that restarts as alive', async () => {
  const manager = serviceManager(env({ WATCHDOG_USEC: '150000' }));
  // Nothing listens there, so the connection is refused.
  manager.ready(new Map([['web', 'http://127.0.0.1:1']]));
  await sees('/run/notify WATCHDOG=1');
  manager.stopping();
});

test('is silent about a hub that hangs', async () => {
  const manager = serviceManager(env({ WATCHDOG_USEC: '150000' }));
  manager.ready(await serve(false));
  await vi.waitFor(() => expect(asked).toBeGreaterThan(2), { timeout: 10_000 });
  manager.stopping();
  await sees('/run/notify STOPPING=1 --status=Stopping');
  expect(sent().filter((line) => line.includes('WATCHDOG'))).toEqual([]);
});

test('does nothing without systemd', async () => {
  const manager = serviceManager({ PATH: folder });
  manager.ready(await serve(true));
  manager.stopping();
  expect([sent(), asked]).toEqual([[], 0]);
});
