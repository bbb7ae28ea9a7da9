// npm run dev: the pages by Vite with hot reload, the worker restarted whenever its sources change.
import { node, prepare, root } from './bootstrap.mjs';
import { supervise } from './supervisor.mjs';

prepare('messages');
const web = { name: 'web', args: ['node_modules/vite/bin/vite.js', 'dev'], cwd: `${root}/apps/web` };
const worker = { name: 'worker', after: 'web', args: ['--watch', 'apps/worker/src/main.ts'], cwd: root };
process.exitCode = await supervise([web, worker], { node });
