// npm run mutate [-- part of a path…]: runs scripts/mutation/run.mjs on the workspace's Node, whatever the machine's is.
import { spawnSync } from 'node:child_process';
import { node, prepare, root } from './bootstrap.mjs';

prepare('messages');
const args = ['scripts/mutation/run.mjs', ...process.argv.slice(2)];
process.exitCode = spawnSync(node, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
