// Stamps: the hash of a result's inputs, kept in node_modules, so that nothing is built twice. Asking turbo each time would need
// npx and pnpm, which take most of a second to start.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const generated = new Set(['node_modules', 'build', 'paraglide', 'e2e', 'test-results', 'playwright-report']);

/**
 * The hash of the names and contents of all files below the given ones. Generated and hidden folders are left out.
 * @param {string} root
 * @param {string[]} names files or folders, relative to the root
 * @param {{ only?: RegExp, except?: RegExp, extra?: string }} [options]
 */
export function hashFiles(root, names, { only, except, extra = '' } = {}) {
  const hash = createHash('sha256').update(extra);
  for (const name of names.flatMap((each) => listFiles(root, each))) {
    if ((only && !only.test(name)) || except?.test(name)) continue;
    const content = readFileSync(path.join(root, name));
    hash.update(`\n${name}\n${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}

/**
 * @param {string} root
 * @param {string} name
 * @param {string} hash
 */
export function isStamped(root, name, hash) {
  try {
    return readFileSync(stampPath(root, name), 'utf8') === hash;
  } catch {
    return false;
  }
}

/**
 * @param {string} root
 * @param {string} name
 * @param {string} hash
 */
export function writeStamp(root, name, hash) {
  mkdirSync(path.dirname(stampPath(root, name)), { recursive: true });
  writeFileSync(stampPath(root, name), hash);
}

/** @param {string} root @param {string} name */
function stampPath(root, name) {
  return path.join(root, 'node_modules/.turnover', name);
}

/**
 * @param {string} root
 * @param {string} name
 * @returns {string[]}
 */
function listFiles(root, name) {
  const stat = statSync(path.join(root, name), { throwIfNoEntry: false });
  if (!stat) return [];
  if (!stat.isDirectory()) return [name];
  return readdirSync(path.join(root, name))
    .filter((entry) => !generated.has(entry) && !entry.startsWith('.'))
    .sort()
    .flatMap((entry) => listFiles(root, `${name}/${entry}`));
}
