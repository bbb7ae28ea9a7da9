// npm run dev: Vite serves the pages with hot reload. Both processes restart when other sources change.
import path from 'node:path';
import { node, prepare, root } from './bootstrap.mjs';
import { supervise } from './supervisor.mjs';

prepare('messages');
/** @param {string} folder */
const sourcesOf = (folder) => path.join(root, folder, 'src');
const packages = ['config', 'core', 'db', 'domain', 'metrics'].map((name) => sourcesOf(`packages/${name}`));
const web = {
  name: 'web',
  args: ['node_modules/vite/bin/vite.js', 'dev'],
  cwd: path.join(root, 'apps/web'),
  reloadOn: [
    ...packages,
    sourcesOf('packages/api'),
    sourcesOf('packages/transfer'),
    path.join(root, 'packages/db/migrations'),
  ],
};
const worker = {
  name: 'worker',
  after: 'web',
  args: ['apps/worker/src/main.ts'],
  cwd: root,
  reloadOn: [...packages, sourcesOf('packages/processing'), sourcesOf('apps/worker')],
};
process.exitCode = await supervise([web, worker], { node });
