// npm test: everything that must hold, with a summary. `npm test -- <path>…` runs only the tests there,
// `npm test -- --changed` the unit tests that the uncommitted change touches, `npm run test:long` only the torture
// tests (`*.long.test.ts`).
import { spawn } from 'node:child_process';
import { provideBrowser } from './browser.mjs';
import { node, prepare, root, toolEnv, withPnpm } from './bootstrap.mjs';

/** @typedef {{ name: string, ok: boolean, seconds: number }} Result */

const args = process.argv.slice(2);
const isLong = args.includes('--long');
const paths = args.filter((arg) => arg !== '--long');

const endToEndPaths = paths.filter(isEndToEnd);
const unitPaths = paths.filter((path) => !isEndToEnd(path));
const isUnitOnly = !isLong && unitPaths.length > 0 && endToEndPaths.length === 0;
prepare(isUnitOnly ? 'messages' : 'web');
const results = await runAsked();
const failed = results.filter((result) => !result.ok);
for (const { name, ok, seconds } of results) {
  console.log(`${ok ? '  ok    ' : '  FAILED'}  ${name} (${seconds.toFixed(1)} s)`);
}
console.log(
  failed.length === 0 ? '\nAll tests passed.' : `\nFailed: ${failed.map(({ name }) => name).join(', ')}.`,
);
process.exitCode = failed.length === 0 ? 0 : 1;

/** @returns {Promise<Result[]>} */
async function runAsked() {
  if (isLong) return [await unit(['--mode', 'long', ...paths])];
  if (paths.length === 0) return runAll();
  const results = [];
  if (unitPaths.length > 0) results.push(await unit(unitPaths));
  if (endToEndPaths.length > 0) results.push(await endToEnd(endToEndPaths));
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

async function staticChecks() {
  const turbo = 'node_modules/.bin/turbo';
  return [
    await run('format', node, ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.']),
    await run('lint', node, ['node_modules/eslint/bin/eslint.js', '--max-warnings=0', '.']),
    await run('boundaries', `${root}/${turbo}`, ['boundaries']),
    await run('types', ...withPnpm(`${turbo} run typecheck --concurrency=2`)),
  ];
}

/** @param {string[]} options */
function unit(options) {
  return run('unit', node, ['node_modules/vitest/vitest.mjs', 'run', ...options], { showOutput: true });
}

/** @param {string[]} options */
function endToEnd(options) {
  const browser = provideBrowser();
  return run('end to end', node, ['node_modules/@playwright/test/cli.js', 'test', ...options], {
    showOutput: true,
    cwd: `${root}/apps/web`,
    env: browser ? { TURNOVER_TEST_CHROMIUM: browser } : {},
  });
}

/**
 * Runs one step. What it says is kept together and shown when it failed, or always where the list of tests is of interest.
 * @param {string} name
 * @param {string} file
 * @param {string[]} stepArgs
 * @param {{ showOutput?: boolean, cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<Result>}
 */
function run(name, file, stepArgs, { showOutput = false, cwd = root, env = {} } = {}) {
  const startedAt = performance.now();
  /** @type {Buffer[]} */
  const output = [];
  const child = spawn(file, stepArgs, {
    cwd,
    env: { ...toolEnv(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      const seconds = (performance.now() - startedAt) / 1000;
      console.log(`${name}: ${code === 0 ? 'ok' : 'FAILED'} (${seconds.toFixed(1)} s)`);
      if (showOutput || code !== 0) console.log(`${Buffer.concat(output).toString().trim()}\n`);
      resolve({ name, ok: code === 0, seconds });
    });
  });
}
