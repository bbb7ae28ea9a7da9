// Finds the reverse proxies for the tests, nginx and Caddy: the system's or Debian's packages.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { installDebianPackages } from './debian.mjs';

/** @typedef {'nginx' | 'caddy'} ProxyName */

/** @type {Record<ProxyName, string[]>} */
const versionOf = { nginx: ['-v'], caddy: ['version'] };

/**
 * The path of one that starts, or undefined.
 * @param {ProxyName} name
 */
function findProxy(name) {
  const folders = [
    '/usr/sbin',
    '/usr/bin',
    ...(process.env.PATH ?? '').split(path.delimiter).filter(Boolean),
  ];
  const candidates = folders.map((folder) => path.join(folder, name));
  return candidates.find((file) => existsSync(file) && spawnSync(file, versionOf[name]).status === 0);
}

/**
 * Installs what is missing where that is possible; the tests say which of them they skip.
 * @returns {Record<string, string>} the environment in which the tests find the proxies
 */
export function provideProxies() {
  const names = /** @type {ProxyName[]} */ (['nginx', 'caddy']);
  const missing = names.filter((name) => findProxy(name) === undefined);
  if (missing.length > 0 && !installDebianPackages(missing)) {
    process.stderr.write(`Not installed: ${missing.join(', ')}. Skipping the tests that need it.\n`);
  }
  return Object.fromEntries(
    names.map((name) => [`TURNOVER_TEST_${name.toUpperCase()}`, findProxy(name) ?? '']),
  );
}
