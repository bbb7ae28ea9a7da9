// npm run mutate [-- part of a path…]: switches off each check on a person in packages/core, one at a time,
// and lists the checks whose loss no test notices. `--list` only lists the checks; `--tests=<part>,<part>` runs only some of the tests.
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { createVitest } from 'vitest/node';
import { root } from '../bootstrap.mjs';
import { checksIn, withSwitches } from './checks.mjs';

const args = process.argv.slice(2);
const parts = args.filter((arg) => !arg.startsWith('--'));
const tests = args
  .find((arg) => arg.startsWith('--tests='))
  ?.slice('--tests='.length)
  .split(',');
const isMutated = (/** @type {string} */ path) =>
  path.startsWith('packages/core/src/') && !path.endsWith('.test.ts') && !path.includes('/testing/');

const checks = globSync('packages/core/src/**/*.ts', { cwd: root })
  .filter(isMutated)
  .filter((path) => parts.length === 0 || parts.some((part) => path.includes(part)))
  .sort()
  .flatMap((path) => checksIn(path, readFileSync(join(root, path), 'utf8')));
if (args.includes('--list')) {
  for (const { id, text } of checks) console.log(`${id}  ${text}`);
  process.exit();
}

const reachedFolder = mkdtempSync(join(tmpdir(), 'turnover-checks-'));
/** Runs the test files in the given order. */
class AsGiven {
  /** @param {import('vitest/node').TestSpecification[]} files */
  shard(files) {
    return files;
  }
  /** @param {import('vitest/node').TestSpecification[]} files */
  sort(files) {
    return files;
  }
}

/** The names of the test files that failed in the current run. @type {string[]} */
let failedNow = [];
const vitest = await createVitest(
  {
    root,
    watch: false,
    bail: 1,
    // Switching a check off may make a test wait forever.
    testTimeout: 40_000,
    hookTimeout: 40_000,
    // The result of a run also contains modules of earlier runs, so only modules that end now are counted.
    reporters: [
      { onTestModuleEnd: (module) => void (module.ok() || failedNow.push(basename(module.moduleId))) },
    ],
    setupFiles: [join(root, 'scripts/mutation/setup.mjs')],
    sequence: { sequencer: AsGiven },
  },
  { plugins: [{ name: 'check-switches', enforce: 'pre', transform }] },
);
try {
  const survivors = await findSurvivors();
  console.log(`${checks.length} checks switched off, ${survivors.length} survivors.`);
  process.exitCode = survivors.length > 0 ? 1 : 0;
} finally {
  await vitest.close();
  rmSync(reachedFolder, { recursive: true, force: true });
}

async function findSurvivors() {
  const specifications = await vitest.globTestSpecifications(tests ?? ['packages/core/', 'packages/api/']);
  const baseline = await run(specifications, { off: '', reachedFolder });
  if (baseline.length > 0) throw new Error(`The tests fail without any mutation: ${baseline.join(', ')}`);
  const filesOf = readReached();
  const survivors = [];
  // Checks that few tests reach come first: most survivors are among them.
  const reach = (/** @type {{ id: string }} */ { id }) => filesOf.get(id)?.length ?? 0;
  for (const [index, { id, text }] of checks.toSorted((one, other) => reach(one) - reach(other)).entries()) {
    const files = nearestFirst(id, filesOf.get(id) ?? []);
    const bySpecification = files.flatMap((file) =>
      specifications.filter(({ moduleId }) => moduleId === file),
    );
    const killers = files.length === 0 ? [] : await run(bySpecification, { off: id, reachedFolder: '' });
    const verdict =
      files.length === 0 ? 'NOT REACHED' : killers.length === 0 ? 'SURVIVES' : `dies in ${killers[0]}`;
    if (killers.length === 0) survivors.push(id);
    console.log(`${index + 1}/${checks.length} ${id} ${verdict}  ${text}`);
  }
  return survivors;
}

/**
 * Runs the test files and returns those that fail.
 * @param {import('vitest/node').TestSpecification[]} specifications
 * @param {{ off: string, reachedFolder: string }} checks
 */
async function run(specifications, checks) {
  for (const project of vitest.projects) project.provide('checks', checks);
  failedNow = [];
  const { unhandledErrors } = await vitest.runTestSpecifications(specifications);
  process.exitCode = 0;
  return unhandledErrors.length > 0 ? [...failedNow, 'unhandled errors'] : failedNow;
}

/** Which test files reach each check. */
function readReached() {
  /** @type {Map<string, string[]>} */
  const filesOf = new Map();
  for (const name of readdirSync(reachedFolder)) {
    const { file, reached } = JSON.parse(readFileSync(join(reachedFolder, name), 'utf8'));
    for (const id of reached) filesOf.set(id, [...(filesOf.get(id) ?? []), file]);
  }
  return filesOf;
}

/** The test beside the source, the access tests, its folder, then the rest. @param {string} id @param {string[]} files */
function nearestFirst(id, files) {
  const source = id.replace(/\.ts:.*/, '');
  const folder = source.slice(0, source.lastIndexOf('/') + 1);
  const rank = (/** @type {string} */ file) => {
    const path = relative(root, file);
    if (path.startsWith(`${source}.`)) return 0;
    if (path.endsWith('/model.test.ts')) return 4;
    if (path.endsWith('access.test.ts')) return 1;
    return path.startsWith(folder) ? 2 : 3;
  };
  return files.toSorted((one, other) => rank(one) - rank(other));
}

/** @param {string} code @param {string} id */
function transform(code, id) {
  const path = relative(root, id.split('?')[0] ?? '');
  return isMutated(path) ? { code: withSwitches(path, code), map: null } : undefined;
}
