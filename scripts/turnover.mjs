// npm run turnover -- <command>: the admin command, on the data folder of this machine.
import { spawnSync } from 'node:child_process';
import { node, prepare, root } from './bootstrap.mjs';

const words = process.argv.slice(2);
// A service runs what is built.
if (words[0] === 'service' && words[1] === 'install') prepare('web');
prepare('messages');
const args = ['apps/cli/src/main.ts', ...words];
process.exitCode = spawnSync(node, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
