/** A hub for one test: the real web and worker processes on a free port and a temporary data folder. */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

export type Hub = {
  address: string;
  dataFolder: string;
  /** The web process's output so far, which contains the set-up link. */
  printed(): string;
  /** Kills the web process and restarts it at the same address. */
  killWeb(): Promise<void>;
  /** Restarts the worker, which then immediately checks for things that have ended or end soon. */
  restartWorker(): Promise<void>;
  close(): Promise<void>;
};

export async function startHub(settings: Record<string, string> = {}): Promise<Hub> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'turnover-e2e-'));
  const env = {
    ...process.env,
    TURNOVER_DATA: dataFolder,
    TURNOVER_SPACE_RESERVE_BYTES: '0',
    TURNOVER_SIMULATION_SPEED: '600',
    HOST: '127.0.0.1',
    PORT: '0',
    ...settings,
  };
  let web = await start('apps/web/server.ts', env);
  const address = web.ready;
  let worker = await start('apps/worker/src/main.ts', env).catch(async (error: unknown) => {
    await end(web.child, 'SIGKILL');
    throw error;
  });
  return {
    address,
    dataFolder,
    printed: () => web.printed(),
    async killWeb() {
      await end(web.child, 'SIGKILL');
      web = await start('apps/web/server.ts', { ...env, PORT: new URL(address).port });
    },
    async restartWorker() {
      await end(worker.child, 'SIGTERM');
      worker = await start('apps/worker/src/main.ts', env);
    },
    async close() {
      await Promise.all([end(web.child, 'SIGTERM'), end(worker.child, 'SIGTERM')]);
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}

async function start(entry: string, env: NodeJS.ProcessEnv) {
  const child = fork(join(root, entry), { cwd: root, env, silent: true, execArgv: [] });
  let output = '';
  child.stdout?.on('data', (chunk) => (output += chunk));
  child.stderr?.on('data', (chunk) => (output += chunk));
  const ready = await new Promise<string>((resolve, reject) => {
    child.on('message', (message: { ready?: string }) => message.ready && resolve(String(message.ready)));
    child.on('exit', (code) => reject(new Error(`${entry} ended with ${code}:\n${output}`)));
  });
  return { child, ready, printed: () => output };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill(signal);
  await ended;
}
