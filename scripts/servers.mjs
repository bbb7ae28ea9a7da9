// The two processes of an installation, as the supervisor starts them.
import { spawn } from 'node:child_process';
import { node, root } from './bootstrap.mjs';
import { serviceManager } from './service-manager.mjs';
import { PAUSED, supervise } from './supervisor.mjs';

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
    await restoreOrdered(childEnv);
  }
}

/**
 * Restores the backup that an owner ordered. Whatever comes of it, the hub starts again and shows it.
 * @param {NodeJS.ProcessEnv} env
 */
function restoreOrdered(env) {
  const child = spawn(node, ['apps/cli/src/main.ts', 'restore', '--ordered'], {
    cwd: root,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return new Promise((resolve) => child.on('close', resolve).on('error', resolve));
}
