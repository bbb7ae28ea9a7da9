// npm run bench -- <name>: runs the benchmarks.
import { spawnSync } from 'node:child_process';
import { node, prepare, root } from './bootstrap.mjs';

prepare('web');
const args = ['bench/main.ts', ...process.argv.slice(2)];
process.exitCode = spawnSync(node, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
