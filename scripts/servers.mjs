// The two processes of an installation, as the supervisor starts them.
import { node, root } from './bootstrap.mjs';
import { serviceManager } from './service-manager.mjs';
import { supervise } from './supervisor.mjs';

// With V8's default for young objects, the heap keeps 110 MiB that only the start needed (measured).
export const webArguments = ['--max-semi-space-size=8', 'apps/web/server.ts'];

/**
 * Runs the built hub until it is stopped; resolves with the exit code.
 * @param {NodeJS.ProcessEnv} env
 * @param {import('./supervisor.mjs').ChildOptions[]} companions beside the hub, with the same settings
 */
export function runServers(env, companions = []) {
  const manager = serviceManager(env);
  const { NOTIFY_SOCKET: _socket, WATCHDOG_USEC: _usec, WATCHDOG_PID: _pid, ...childEnv } = env;
  const children = [
    { name: 'web', args: webArguments },
    { name: 'worker', after: 'web', args: ['apps/worker/src/main.ts'] },
    ...companions,
  ].map((child) => ({ ...child, cwd: root, env: childEnv }));
  return supervise(children, {
    node,
    onReady: (addresses) => manager.ready(addresses),
    onStop: () => manager.stopping(),
  });
}
