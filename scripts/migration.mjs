// npm run migration -- <name>: writes the SQL that brings the database from the last migration to the current schema.
import { spawnSync } from 'node:child_process';
import { node, prepare, root } from './bootstrap.mjs';

const [name] = process.argv.slice(2);
if (!name || !/^[a-z][a-z0-9_]*$/.test(name)) {
  console.error('Name the migration in lower case with underscores: npm run migration -- add_notes');
  process.exit(1);
}
prepare('messages');
const args = ['node_modules/drizzle-kit/bin.cjs', 'generate', '--name', name];
process.exitCode = spawnSync(node, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
