// npm run turnover -- <command>: the admin command, on the data folder of this machine.
import { spawnSync } from 'node:child_process';
import { node, prepare, root } from './bootstrap.mjs';

prepare('messages');
const args = ['apps/cli/src/main.ts', ...process.argv.slice(2)];
process.exitCode = spawnSync(node, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
