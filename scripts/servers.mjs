// The two processes of an installation, as the supervisor starts them.
import { spawn } from 'node:child_process';
import { node, root } from './bootstrap.mjs';
import { serviceManager } from './service-manager.mjs';
import { PAUSED, stopSignals, supervise } from './supervisor.mjs';

// With V8's default for young objects, the heap keeps 110 MiB that only the start needed (measured).
export const webArguments = ['--max-semi-space-size=8', 'apps/web/server.ts'];

/**
 * Runs the built hub until it is stopped; resolves with the exit code.
 * @param {NodeJS.ProcessEnv} env
 * @param {import('./supervisor.mjs').ChildOptions[]} companions beside the hub, with the same settings
 */
export async function runServers(env, companions = []) {
  const manager = serviceManager(env);
  const { NOTIFY_SOCKET: _socket, WATCHDOG_USEC: _usec, WATCHDOG_PID: _pid, ...childEnv } = env;
  const children = [
    { name: 'web', args: [...webArguments, '--supervised'] },
    { name: 'worker', after: 'web', args: ['apps/worker/src/main.ts'] },
    ...companions,
  ].map((child) => ({ ...child, cwd: root, env: childEnv }));
  for (;;) {
    const exitCode = await supervise(children, {
      node,
      onReady: (addresses) => manager.ready(addresses),
      onStop: (code) => (code === PAUSED ? manager.pausing() : manager.stopping()),
    });
    if (exitCode !== PAUSED) return exitCode;
    if (await restoreOrdered(childEnv)) return 0;
  }
}

/**
 * Restores the backup that an owner ordered, to its end. Returns true when the hub was asked to stop meanwhile; otherwise it starts
 * again, whatever came of the restore, and shows it.
 * @param {NodeJS.ProcessEnv} env
 */
async function restoreOrdered(env) {
  const parent = process.ppid;
  let isStopped = false;
  const stop = () => {
    isStopped = true;
  };
  for (const signal of stopSignals) process.on(signal, stop);
  // A process group of its own: Ctrl-C does not end the restore.
  const child = spawn(node, ['apps/cli/src/main.ts', 'restore', '--ordered'], {
    cwd: root,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  });
  await new Promise((resolve) => child.on('close', resolve).on('error', resolve));
  for (const signal of stopSignals) process.off(signal, stop);
  const isOrphan = env.npm_lifecycle_event !== undefined && process.ppid !== parent;
  return isStopped || isOrphan;
}
