// npm run docs: writes the documents that are generated from the code.
import { spawnSync } from 'node:child_process';
import { node, prepare, root } from './bootstrap.mjs';

const writers = ['api', 'config', 'metrics'].map((name) => `packages/${name}/src/write-documentation.ts`);

prepare('messages');
for (const writer of writers) {
  const { status } = spawnSync(node, [writer], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
