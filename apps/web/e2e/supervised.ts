/** A hub as `npm start` and systemd run it: web and worker under the supervisor, at a fixed port. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@turnover/core/testing/free-port';
import type { Account } from './fixtures.ts';

const root = join(import.meta.dirname, '../../..');
const longestStartMs = 60_000;

export async function startSupervised({ email, password }: Account) {
  const dataFolder = mkdtempSync(join(tmpdir(), 'turnover-e2e-'));
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, ['scripts/serve.mjs'], {
    cwd: root,
    env: {
      ...process.env,
      TURNOVER_DATA: dataFolder,
      TURNOVER_SPACE_RESERVE_BYTES: '0',
      TURNOVER_OWNER_EMAIL: email,
      TURNOVER_OWNER_PASSWORD: password,
      HOST: '127.0.0.1',
      PORT: String(port),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const ended = once(child, 'exit');
  const close = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(dataFolder, { recursive: true, force: true });
  };
  const latest = Date.now() + longestStartMs;
  while (!(await isAnswering(address))) {
    if (Date.now() > latest || child.exitCode !== null) {
      await close();
      throw new Error(`The hub did not start:\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return { address, close };
}

async function isAnswering(address: string): Promise<boolean> {
  return fetch(`${address}/healthz`).then(
    () => true,
    () => false,
  );
}
