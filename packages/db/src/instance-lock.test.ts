import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DatabaseRefused } from './database-refused.ts';
import { lockDataFolder } from './instance-lock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'turnover-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('refuses a second lock until the first is released', () => {
  const first = lockDataFolder(folder);
  expect(() => lockDataFolder(folder)).toThrow(DatabaseRefused);
  expect(() => lockDataFolder(folder)).toThrow('already running');
  first.release();
  lockDataFolder(folder).release();
});

test('another process keeps its lock until it is killed', async () => {
  const module = new URL('./instance-lock.ts', import.meta.url).href;
  // The process forgets the lock, and the garbage collector runs before the other one tries.
  const script = `
    import { lockDataFolder } from '${module}';
    lockDataFolder(process.argv[1]);
    setTimeout(() => { globalThis.gc(); console.log('held'); });
    setInterval(() => {}, 1000);
  `;
  const holder = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', script, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(holder, 'exit');
  try {
    await once(holder.stdout, 'data');
    expect(() => lockDataFolder(folder)).toThrow('already running');
  } finally {
    holder.kill('SIGKILL');
    await ended;
  }
  lockDataFolder(folder).release();
});
