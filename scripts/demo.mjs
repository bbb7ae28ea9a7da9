// npm run demo: a temporary installation with a sample project and people at work. Its folder is removed at the end.
import { mkdtempSync, rmSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import path from 'node:path';
import { prepare } from './bootstrap.mjs';
import { runServers } from './servers.mjs';

prepare('web');
const dataFolder = mkdtempSync(path.join(tmpdir(), 'turnover-demo-'));
const env = {
  ...process.env,
  // The settings of an installation in these sources are not those of the demonstration.
  TURNOVER_SETTINGS: devNull,
  TURNOVER_DATA: dataFolder,
  TURNOVER_OWNER_EMAIL: 'owner@example.com',
  TURNOVER_OWNER_PASSWORD: 'northern-light',
};
/** @param {string} address */
const args = (address) => ['apps/cli/src/demo.ts', address];
try {
  process.exitCode = await runServers(env, [{ name: 'demo', after: 'web', args }]);
} finally {
  rmSync(dataFolder, { recursive: true, force: true });
}
