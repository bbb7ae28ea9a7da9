// The two processes of an installation, as the supervisor starts them.
import { node, root } from './bootstrap.mjs';
import { supervise } from './supervisor.mjs';

/** Runs the built hub until it is stopped; resolves with the exit code.
 * @param {NodeJS.ProcessEnv} env */
export function runServers(env) {
  const children = [
    { name: 'web', args: ['apps/web/server.ts'], cwd: root, env },
    { name: 'worker', after: 'web', args: ['apps/worker/src/main.ts'], cwd: root, env },
  ];
  return supervise(children, { node });
}
