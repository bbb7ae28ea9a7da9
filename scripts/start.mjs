// npm start: installs, builds, and serves until it is stopped. `npm start -- --help` lists the settings.
import { spawnSync } from 'node:child_process';
import { node, prepare, root } from './bootstrap.mjs';
import { runServers } from './servers.mjs';

if (process.argv.includes('--help')) {
  prepare('messages');
  process.stdout.write(
    'npm start serves Turnover. Its settings are these environment variables, or lines of turnover.env:\n\n',
  );
  const print = `console.log(require('./packages/config/src/settings.ts').settingsHelp())`;
  spawnSync(node, ['--eval', print], { cwd: root, stdio: 'inherit' });
} else {
  prepare('web');
  process.exitCode = await runServers(process.env);
}
