/** For tests: the built hub as its two processes on a data folder of its own, brought back whenever one of them dies. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Crashpoint } from '@turnover/core/crashpoints';
import { testHub, type TestHub } from '@turnover/core/testing';
import { createToken } from '@turnover/core/tokens';

export type ProcessName = 'web' | 'worker';

export type RunningHub = {
  /** Its data folder and a connection of the test's own. */
  hub: TestHub;
  /** Changes with every start of the web process. */
  readonly address: string;
  /** Ends of a process since the start that nobody asked for by `restart` or `close`. */
  readonly deaths: Record<ProcessName, number>;
  projectId: string;
  /** Of a coordinator of the project. */
  token: string;
  /** Starts it anew; with `crashAt` it dies at that point and then comes back without it. */
  restart(name: ProcessName, crashAt?: Crashpoint): Promise<void>;
  /** kill -9. Resolves when it is back. */
  kill(name: ProcessName): Promise<void>;
  /** Resolves when what died is back. */
  alive(): Promise<void>;
  close(): Promise<void>;
};

type Running = { process: ChildProcess; ready: Promise<string>; isExpectedToEnd: boolean };

const root = fileURLToPath(new URL('../../../', import.meta.url));
const scripts = { web: 'apps/web/server.ts', worker: 'apps/worker/src/main.ts' } as const;
const settings = {
  PORT: '0',
  HOST: '127.0.0.1',
  TURNOVER_OWNER_EMAIL: 'owner@example.test',
  TURNOVER_OWNER_PASSWORD: 'a long enough secret',
  TURNOVER_SIMULATION_SPEED: '100000',
  TURNOVER_SPACE_RESERVE_BYTES: '0',
  TURNOVER_WORKER_THREADS: '2',
  TURNOVER_LOG: 'error',
};

export async function startHub(env: NodeJS.ProcessEnv = {}): Promise<RunningHub> {
  requireBuild();
  const hub = await testHub({ onDisk: true });
  // The processes' own clock is the real one.
  hub.clock.now = Date.now();
  const project = hub.createProject();
  const coordinator = hub.createPerson({ project, role: 'coordinator' });
  const { token } = createToken(hub.as(coordinator), { name: 'Test' });
  const all = { ...process.env, ...settings, TURNOVER_DATA: hub.folder, ...env };
  return keepAlive({ hub, projectId: project.id, token }, all);
}

function requireBuild(): void {
  if (existsSync(`${root}apps/web/build/handler.js`)) return;
  throw new Error('The web app is not built. Run `npm test`, which builds it first.');
}

async function keepAlive(
  scene: Pick<RunningHub, 'hub' | 'projectId' | 'token'>,
  env: NodeJS.ProcessEnv,
): Promise<RunningHub> {
  const { hub } = scene;
  const running: Partial<Record<ProcessName, Running>> = {};
  const deaths: Record<ProcessName, number> = { web: 0, worker: 0 };
  let address = '';
  const lapse = hub.db.$client.prepare(`update jobs set lease_until = 0 where status = 'running'`);

  async function start(name: ProcessName, crashAt?: Crashpoint): Promise<void> {
    // A worker that comes back waits for the leases of the dead one; the test has no time for that.
    if (name === 'worker') lapse.run();
    const started = spawnProcess(name, { ...env, TURNOVER_CRASH_AT: crashAt });
    running[name] = started;
    started.process.once('exit', (_code, signal) => {
      // A process that ends by itself would do so again and again.
      if (started.isExpectedToEnd || signal === null) return;
      deaths[name]++;
      void start(name);
    });
    const ready = await started.ready;
    if (name === 'web') address = ready;
  }

  async function stop(name: ProcessName): Promise<void> {
    const last = running[name];
    if (!last) return;
    last.isExpectedToEnd = true;
    if (last.process.exitCode !== null || last.process.signalCode !== null) return;
    const ended = once(last.process, 'exit');
    last.process.kill('SIGKILL');
    await ended;
  }

  async function alive(): Promise<void> {
    await Promise.all([running.web?.ready, running.worker?.ready]);
  }

  await start('web');
  await start('worker');
  return {
    ...scene,
    deaths,
    alive,
    get address() {
      return address;
    },
    async restart(name: ProcessName, crashAt?: Crashpoint) {
      await stop(name);
      await start(name, crashAt);
    },
    async kill(name: ProcessName) {
      const { process } = running[name]!;
      const ended = once(process, 'exit');
      process.kill('SIGKILL');
      await ended;
      await alive();
    },
    async close() {
      await Promise.all([stop('web'), stop('worker')]);
      hub.close();
    },
  };
}

/** `ready` never settles for a process that is killed before it serves: the next one takes its place. */
function spawnProcess(name: ProcessName, env: NodeJS.ProcessEnv): Running {
  const child = spawn(process.execPath, [scripts[name]], {
    cwd: root,
    env,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ready = new Promise<string>((resolve, reject) => {
    child.on('message', (message: { ready?: string }) => message.ready && resolve(message.ready));
    child.once('exit', (code) => code !== null && reject(new Error(`${name} ended with code ${code}.`)));
  });
  return { process: child, ready, isExpectedToEnd: false };
}
