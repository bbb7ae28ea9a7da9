// npm run demo: a throw-away installation with a sample project and people. The folder is removed at the end.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { node, prepare, root } from './bootstrap.mjs';
import { runServers } from './servers.mjs';

prepare('web');
const dataFolder = mkdtempSync(path.join(tmpdir(), 'turnover-demo-'));
// Ctrl-C while the sample is being made ends that, and the folder is still removed.
process.on('SIGINT', () => {});
const env = { ...process.env, TURNOVER_DATA: dataFolder };
try {
  const seed = spawnSync(node, ['apps/cli/src/main.ts', 'demo-seed'], { cwd: root, env, stdio: 'inherit' });
  process.exitCode = seed.status === 0 ? await runServers(env) : 1;
} finally {
  rmSync(dataFolder, { recursive: true, force: true });
}
