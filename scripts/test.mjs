// npm test: all checks and tests, with a summary. `npm test -- <path>…` runs only the tests there,
// `npm test -- --changed` the unit tests that the uncommitted change touches, `npm run test:long` only the long
// tests: the torture tests (`*.long.test.ts`) and those in the browser (`*.long.spec.ts`).
import { provideBrowser } from './browser.mjs';
import { provideProxies } from './proxies.mjs';
import { node, prepare, root } from './bootstrap.mjs';
import { report, run } from './steps.mjs';
import { staticChecks } from './static-checks.mjs';

/** @typedef {import('./steps.mjs').Result} Result */

const args = process.argv.slice(2);
const isLong = args.includes('--long');
const paths = args.filter((arg) => arg !== '--long');

const endToEndPaths = paths.filter(isEndToEnd);
const unitPaths = paths.filter((path) => !isEndToEnd(path));
const isAll = paths.length === 0;
const touchesWeb = endToEndPaths.length > 0 || unitPaths.some((path) => path.includes('apps/web'));
prepare(isLong || isAll || touchesWeb ? 'web' : 'messages');
const needsProxies = isLong || isAll || touchesWeb;
const proxies = needsProxies ? provideProxies() : {};
const results = await runAsked();
process.exitCode = report(results, 'All tests passed.');

/** @returns {Promise<Result[]>} */
async function runAsked() {
  if (isAll && !isLong) return runAll();
  const results = [];
  const length = isLong ? ['--mode', 'long'] : [];
  if (isAll || unitPaths.length > 0) results.push(await unit([...length, ...unitPaths]));
  if (isAll || endToEndPaths.length > 0) results.push(await endToEnd(endToEndPaths));
  return results;
}

/** @param {string} testPath */
function isEndToEnd(testPath) {
  return testPath.includes('e2e');
}

/** The static checks share the two cores with the unit tests; the browser gets both for itself. */
async function runAll() {
  const [checks, units] = await Promise.all([staticChecks(), unit([])]);
  return [...checks, units, await endToEnd([])];
}

/** @param {string[]} options */
function unit(options) {
  return run('unit', node, ['node_modules/vitest/vitest.mjs', 'run', ...options], {
    showOutput: true,
    env: proxies,
  });
}

/** @param {string[]} options */
function endToEnd(options) {
  const browser = provideBrowser();
  const command = ['node_modules/@playwright/test/cli.js', 'test', `--project=${isLong ? 'long' : 'short'}`];
  return run('end to end', node, [...command, ...options], {
    showOutput: true,
    cwd: `${root}/apps/web`,
    env: browser ? { TURNOVER_TEST_CHROMIUM: browser } : {},
  });
}
