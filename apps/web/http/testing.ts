/** For tests: the built hub as two processes on their own data folder. A process that dies is restarted. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Crashpoint } from '@turnover/core/crashpoints';
import { testHub, type TestHub } from '@turnover/core/testing/hub';
import { createToken } from '@turnover/core/people/tokens';

export type ProcessName = 'web' | 'worker';

export type HubOptions = {
  /** Crash points. The first start uses the first point, the restart after that crash the next one, and so on. */
  crashAt?: Partial<Record<ProcessName, readonly Crashpoint[]>>;
  env?: NodeJS.ProcessEnv;
};

export type RunningHub = {
  /** The hub's data folder, with the test's own connection. */
  hub: TestHub;
  /** Address of the web process; changes each time it starts. */
  readonly address: string;
  /** How often each process was killed, by the test or at a crash point. */
  readonly deaths: Record<ProcessName, number>;
  projectId: string;
  /** The token of a coordinator of the project. */
  token: string;
  /** Sends kill -9 and resolves when the process is back. */
  kill(name: ProcessName): Promise<void>;
  close(): Promise<void>;
};

type Running = { process: ChildProcess; ready: Promise<string> };

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

export async function startHub({ crashAt = {}, env = {} }: HubOptions = {}): Promise<RunningHub> {
  requireBuild();
  const hub = await testHub({ onDisk: true });
  // Uses the real time, because the processes do too.
  hub.clock.now = Date.now();
  const project = hub.createProject();
  const coordinator = hub.createPerson({ project, role: 'coordinator' });
  const { token } = createToken(hub.as(coordinator), { name: 'Test' });
  const all = { ...process.env, ...settings, TURNOVER_DATA: hub.folder, ...env };
  return keepAlive({ hub, projectId: project.id, token }, crashAt, all);
}

/** Starts the web process alone, once, on this data folder. */
export async function startWeb(dataFolder: string): Promise<{ address: string; close(): Promise<void> }> {
  requireBuild();
  const web = spawnProcess('web', { ...process.env, ...settings, TURNOVER_DATA: dataFolder });
  return { address: await web.ready, close: () => kill(web) };
}

function requireBuild(): void {
  if (existsSync(`${root}apps/web/build/handler.js`)) return;
  throw new Error('The web app is not built. Run `npm test`, which builds it first.');
}

async function keepAlive(
  scene: Pick<RunningHub, 'hub' | 'projectId' | 'token'>,
  crashAt: NonNullable<HubOptions['crashAt']>,
  env: NodeJS.ProcessEnv,
): Promise<RunningHub> {
  const running: Partial<Record<ProcessName, Running>> = {};
  const deaths: RunningHub['deaths'] = { web: 0, worker: 0 };
  let address = '';
  let isClosing = false;
  const lapse = scene.hub.db.$client.prepare(`update jobs set lease_until = 0 where status = 'running'`);

  async function start(name: ProcessName): Promise<void> {
    // A restarted worker would wait until the leases of the dead one end, which takes too long for a test.
    if (name === 'worker') lapse.run();
    const started = spawnProcess(name, { ...env, TURNOVER_CRASH_AT: crashAt[name]?.[deaths[name]] });
    running[name] = started;
    started.process.once('exit', (_code, signal) => {
      // A process that exits by itself is not restarted, because it would exit again and again.
      if (isClosing || signal === null) return;
      deaths[name]++;
      void start(name);
    });
    const ready = await started.ready;
    if (name === 'web') address = ready;
  }

  async function close(): Promise<void> {
    isClosing = true;
    await Promise.all(Object.values(running).map(kill));
    scene.hub.close();
  }

  try {
    await start('web');
    await start('worker');
  } catch (error) {
    await close();
    throw error;
  }
  return {
    ...scene,
    deaths,
    get address() {
      return address;
    },
    async kill(name) {
      await kill(running[name]!);
      await running[name]!.ready;
    },
    close,
  };
}

async function kill({ process }: Running): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const ended = once(process, 'exit');
  process.kill('SIGKILL');
  await ended;
}

/**
 * Starts a process. `ready` never settles for a process that is killed before it serves; its replacement has its own.
 */
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
  return { process: child, ready };
}
