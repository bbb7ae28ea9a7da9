// npm test: all checks and tests, with a summary. `npm test -- <path>…` runs only the tests there,
// `npm test -- --changed` the unit tests that the uncommitted change touches, `npm run test:long` only the long
// tests: the torture rows (`*.torture.test.ts`), `*.long.test.ts`, and those in the browser (`*.long.spec.ts`).
// `--rows kills,flips` runs only these rows, `--seed 7` repeats the random numbers of a run.
import nodePath from 'node:path';
import { provideBrowser } from './browser.mjs';
import { provideFfmpeg } from './ffmpeg.mjs';
import { providePromtool } from './prometheus.mjs';
import { provideProxies } from './proxies.mjs';
import { node, prepare, root } from './bootstrap.mjs';
import { report, run } from './steps.mjs';
import { staticChecks } from './static-checks.mjs';

/** @typedef {import('./steps.mjs').Result} Result */

const args = process.argv.slice(2);
const rows = valueOf('--rows');
const seed = valueOf('--seed');
const isLong = args.includes('--long');
const paths = args.filter((arg) => arg !== '--long');

const endToEndPaths = paths.filter(isEndToEnd);
const unitPaths = paths.filter((path) => !isEndToEnd(path));
const isAll = paths.length === 0 && rows === undefined;
const touchesWeb = endToEndPaths.length > 0 || unitPaths.some((path) => path.includes('apps/web'));
prepare(isLong || isAll || touchesWeb ? 'web' : 'messages');
const needsProxies = isLong || isAll || touchesWeb;
const proxies = needsProxies ? provideProxies() : {};
const needsPromtool = isAll || unitPaths.some((path) => path.includes('packages/metrics'));
const promtool = needsPromtool ? providePromtool() : {};
/** @type {Promise<string | undefined> | undefined} */
let providedFfmpeg;
const results = await runAsked();
process.exitCode = report(results, 'All tests passed.');

/** @returns {Promise<Result[]>} */
async function runAsked() {
  if (isAll && !isLong) return runAll();
  const length = isLong ? ['--mode', 'long'] : [];
  if (rows !== undefined) return [await unit([...length, ...unitPaths, ...onlyRows(rows)])];
  const results = [];
  if (isAll || unitPaths.length > 0) results.push(await unit([...length, ...unitPaths]));
  if (isAll || endToEndPaths.length > 0) results.push(await endToEnd(endToEndPaths));
  return results;
}

/**
 * Takes an option and its value out of the arguments.
 * @param {string} name
 * @returns {string | undefined}
 */
function valueOf(name) {
  const at = args.indexOf(name);
  return at < 0 ? undefined : (args.splice(at, 2)[1] ?? '');
}

/**
 * The name of a row begins the title of its test.
 * @param {string} names
 */
function onlyRows(names) {
  return ['.torture.test.ts', '--testNamePattern', `^(${names.replaceAll(',', '|')}): `];
}

/** @param {string} testPath */
function isEndToEnd(testPath) {
  return testPath.includes('e2e');
}

/** All at once: while the tests of one kind wait for timers and disks, those of another kind use the cores. */
async function runAll() {
  // It comes meanwhile, into a folder of its own: the other tests run without it.
  const ffmpeg = ffmpegFolder();
  const [checks, units, pages] = await Promise.all([staticChecks(), allUnits(ffmpeg), endToEnd([])]);
  return [...checks, ...units, pages];
}

/** @param {Promise<string | undefined>} ffmpeg */
async function allUnits(ffmpeg) {
  return [await unit([]), ...(await unitWithFfmpeg(await ffmpeg))];
}

/**
 * The tests of the stages that use ffmpeg, once more.
 * @param {string | undefined} folder
 */
async function unitWithFfmpeg(folder) {
  if (folder === undefined) return [];
  // A test fails when the stages do not find it, as then all the others would be skipped.
  const env = {
    PATH: [folder, process.env.PATH ?? ''].join(nodePath.delimiter),
    TURNOVER_TEST_NEEDS_FFMPEG: '1',
  };
  const command = ['node_modules/vitest/vitest.mjs', 'run', 'packages/processing/src/stages'];
  return [await run('unit with ffmpeg', node, command, { showOutput: true, env })];
}

/** @param {string[]} options */
function unit(options) {
  return run('unit', node, ['node_modules/vitest/vitest.mjs', 'run', ...options], {
    showOutput: true,
    env: { ...proxies, ...promtool, ...(seed === undefined ? {} : { TURNOVER_TEST_SEED: seed }) },
  });
}

/** Asks once, because it may take minutes to learn that there is none. */
function ffmpegFolder() {
  providedFfmpeg ??= provideFfmpeg();
  return providedFfmpeg;
}

/** @param {string[]} options */
async function endToEnd(options) {
  const browser = provideBrowser();
  const ffmpeg = await ffmpegFolder();
  const command = ['node_modules/@playwright/test/cli.js', 'test', `--project=${isLong ? 'long' : 'short'}`];
  return run('end to end', node, [...command, ...options], {
    showOutput: true,
    cwd: `${root}/apps/web`,
    env: {
      ...(browser ? { TURNOVER_TEST_CHROMIUM: browser } : {}),
      // Only the hub of the film uses it. Its test fails when the hub does not find it.
      ...(ffmpeg ? { TURNOVER_TEST_FFMPEG: ffmpeg, TURNOVER_TEST_NEEDS_FFMPEG: '1' } : {}),
    },
  });
}
