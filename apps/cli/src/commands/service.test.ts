import { spawnSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadSettings } from '@turnover/config/load-settings';
import { openMigrated } from '@turnover/db/migrate';
import { openDatabase } from '@turnover/db/open';
import type { System } from '../service/system.ts';
import { serviceCommands } from './service.ts';

const sources = fileURLToPath(new URL('../../../..', import.meta.url)).replace(/\/$/, '');

let folder: string;
let ran: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'turnover-service-'));
  ran = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function machine(more: Partial<System> = {}): System {
  return {
    sources,
    unitFolder: folder,
    isRoot: true,
    otherInit: undefined,
    ownerOf: (path) => (path.startsWith(folder) && existsSync(path) ? 'root' : undefined),
    hasAccount: () => false,
    run: (command) => ran.push(command.join(' ')) * 0,
    writeUnit: (path, text) => writeFileSync(path, text),
    removeUnit: (path) => rmSync(path),
    ask: undefined,
    ...more,
  };
}

async function call(line: string, system: Partial<System> = {}, env: Record<string, string> = {}) {
  const words = line.split(' ');
  const printed: string[] = [];
  const output = { print: (text: string) => printed.push(text), printError: () => {} };
  const settings = loadSettings({ TURNOVER_SETTINGS: '/dev/null', TURNOVER_DATA: '/srv/hub', ...env });
  const command = serviceCommands(machine(system))[`service ${words[0]}`]!;
  await command.run(words.slice(1), settings, output);
  return printed.join('\n');
}

const unit = () => readFileSync(join(folder, 'turnover.service'), 'utf8');

describe('service install', () => {
  test('prints every step, then makes the account, the folder and the unit, and starts it', async () => {
    const printed = await call('install --yes');
    expect(ran).toEqual([
      'useradd --system --user-group --home-dir /var/lib/turnover --shell /usr/sbin/nologin turnover',
      'install -d -m 700 -o turnover /srv/hub',
      'systemctl daemon-reload',
      'systemctl enable turnover.service',
      'systemctl restart turnover.service',
    ]);
    for (const command of ran) expect(printed).toContain(`  ${command}\n`);
    expect(printed).toContain(`  write ${join(folder, 'turnover.service')}\n`);
    expect(unit()).toContain('User=turnover\n');
    expect(unit()).toContain('ReadWritePaths=/srv/hub\n');
  });

  test('runs the hub as the owner of a data folder that exists', async () => {
    await call('install --yes', { ownerOf: () => 'ana', hasAccount: () => true });
    expect(ran.every((command) => command.startsWith('systemctl'))).toBe(true);
    expect(unit()).toContain('User=ana\n');
  });

  test('asks first, and changes nothing without a yes', async () => {
    await expect(call('install', { ask: async () => false })).rejects.toThrow('Nothing was changed.');
    await expect(call('install')).rejects.toThrow('Add --yes.');
    expect([ran, existsSync(join(folder, 'turnover.service'))]).toEqual([[], false]);
    await call('install', { ask: async () => true });
    expect(ran).toHaveLength(5);
  });

  test('stops at the first step that fails, and says where the reason is', async () => {
    const run: System['run'] = (command) => (command.includes('restart') ? 1 : 0);
    await expect(call('install --yes', { run })).rejects.toThrow(/restart turnover\.service\n.*journalctl/);
  });

  test.each<[string, Partial<System>, Record<string, string>, RegExp]>([
    ['without systemd', { otherInit: 'tini' }, {}, /its first process is tini/],
    ['without root', { isRoot: false }, {}, /sudo/],
    ['on a data folder of root', { ownerOf: () => 'root' }, {}, /chown -R turnover: \/srv\/hub/],
    ['with a space in a path', {}, { TURNOVER_DATA: '/srv/my hub' }, /"\/srv\/my hub" has a space/],
    ['with a specifier in a path', {}, { TURNOVER_STATE: '/srv/%h' }, /"\/srv\/%h"/],
  ])('is refused %s', async (_, system, env, words) => {
    await expect(call('install --yes', system, env)).rejects.toThrow(words);
    expect([ran, existsSync(join(folder, 'turnover.service'))]).toEqual([[], false]);
  });
});

describe('service uninstall', () => {
  test('removes the unit and keeps the data', async () => {
    await call('install --yes');
    ran = [];
    const printed = await call('uninstall --yes');
    expect(ran).toEqual(['systemctl disable --now turnover.service', 'systemctl daemon-reload']);
    expect(existsSync(join(folder, 'turnover.service'))).toBe(false);
    expect(printed).toContain('The data is still in /srv/hub.');
  });

  test('is refused when there is no unit', async () => {
    await expect(call('uninstall --yes')).rejects.toThrow('nothing was changed');
  });
});

describe('the audit log', () => {
  test('has the installation and the removal, written as the account of the hub', async () => {
    const data = join(folder, 'data');
    openMigrated(data, { clock: () => 0 }).$client.close();
    const env = { TURNOVER_DATA: data };
    const ownerOf = (path: string) => (existsSync(path) ? 'ana' : undefined);
    const nobody = 65_534;
    if (process.getuid?.() === 0) {
      for (const path of [folder, data, join(data, 'turnover.db')]) chownSync(path, nobody, nobody);
    }
    await call('install --yes', { ownerOf }, env);
    await call('uninstall --yes', { ownerOf }, env);
    expect(new Set(readdirSync(data).map((name) => statSync(join(data, name)).uid)).size).toBe(1);
    const db = openDatabase(join(data, 'turnover.db'));
    const actions = db.$client.prepare('SELECT action FROM audit_entries ORDER BY seq').pluck().all();
    db.$client.close();
    expect(actions).toEqual(['commands.installService', 'commands.uninstallService']);
  });
});

describe('the unit', () => {
  test('names the file of settings and the state folder, and sees homes only when something lies there', async () => {
    const printed = await call('print', {}, { TURNOVER_STATE: '/srv/state', TURNOVER_DATA: '/home/ana/hub' });
    expect(printed).toContain('Environment=TURNOVER_SETTINGS=/dev/null\n');
    expect(printed).toContain('ReadWritePaths=/home/ana/hub /srv/state\n');
    expect(printed).not.toContain('TURNOVER_STATE');
    expect(printed).toContain('ProtectHome=read-only\n');
    expect(await call('print')).toContain('Environment=TURNOVER_STATE=/var/lib/turnover\n');
  });

  test('has one capability for a port below 1024, and none otherwise', async () => {
    expect(await call('print')).toMatch(/CapabilityBoundingSet=\n/);
    expect(await call('print', {}, { PORT: '443' })).toMatch(/AmbientCapabilities=CAP_NET_BIND_SERVICE\n/);
  });

  const analyze = (...args: string[]) => spawnSync('systemd-analyze', args, { encoding: 'utf8' });
  const hasSystemd = analyze('--version').status === 0;

  test.skipIf(!hasSystemd)('is one that systemd accepts and rates well (needs systemd-analyze)', async () => {
    // The folder of units may hold a masked one of this name.
    const path = join(folder, 'turnover-tested.service');
    writeFileSync(path, await call('print'));
    expect(analyze('verify', path)).toMatchObject({ status: 0, stderr: '' });
    // At most 2.0 of 10, the worst.
    expect(analyze('security', '--offline=true', '--threshold=20', path)).toMatchObject({ status: 0 });
    writeFileSync(path, `${await call('print')}\nNonsense=yes\n`);
    expect(analyze('verify', path).stderr).toContain('Nonsense');
  });
});
