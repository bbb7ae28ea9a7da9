// Finds the browser for the end-to-end tests: the system's, else Debian's package, else Playwright's own.
// The headless shell comes first: it is the same engine without the windows, and takes a third less processor time.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { node, root } from './bootstrap.mjs';
import { installDebianPackages } from './debian.mjs';

const names = [
  'chromium-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
];

/**
 * The path of a Chromium that starts, or undefined.
 * @param {string[]} folders
 */
export function findBrowser(folders) {
  const candidates = folders.flatMap((folder) => names.map((name) => path.join(folder, name)));
  // Where Chromium is only available as a snap, Debian's package installs a command that does not start.
  return candidates.find((file) => existsSync(file) && spawnSync(file, ['--version']).status === 0);
}

/** Returns the path of a Chromium and installs one if necessary. Undefined: Playwright's downloaded one. */
export function provideBrowser() {
  const given = process.env.TURNOVER_TEST_CHROMIUM;
  if (given) return given;
  const folders = ['/usr/bin', ...(process.env.PATH ?? '').split(path.delimiter).filter(Boolean)];
  return findBrowser(folders) ?? ((installBrowser() && findBrowser(folders)) || undefined) ?? download();
}

/** Older versions of Debian have no package of the headless shell. */
function installBrowser() {
  return installDebianPackages(['chromium-headless-shell']) || installDebianPackages(['chromium']);
}

function download() {
  process.stderr.write('Downloading Chromium for the tests…\n');
  const cli = 'apps/web/node_modules/@playwright/test/cli.js';
  const result = spawnSync(node, [cli, 'install', 'chromium'], { cwd: root, stdio: 'inherit' });
  if (result.status !== 0) {
    throw new Error(
      'No browser for the tests. Install Chromium, or set TURNOVER_TEST_CHROMIUM to the path of one.',
    );
  }
  return undefined;
}
