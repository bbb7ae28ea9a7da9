// The first step of every command: installs and builds when something changed. Runs on any Node from version 20 with nothing
// installed; what it starts afterwards runs on the workspace's Node.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { hashFiles, isStamped, writeStamp } from './stamp.mjs';
import { CANNOT_RUN } from './supervisor.mjs';

export const root = path.resolve(fileURLToPath(import.meta.url), '../..');
export const node = path.join(root, 'node_modules/.bin/node');

// Every process and thread that the scripts start keeps its compiled TypeScript here. Without it a thread of the pool
// takes three times as long to start.
process.env.NODE_COMPILE_CACHE ??= path.join(root, 'node_modules/.cache/node');

/** What can be built. `proof` is a file of the result; when it is missing, the target is built again. */
const targets = {
  messages: { inputs: ['packages/messages'], proof: 'packages/messages/src/paraglide/messages.js' },
  web: { inputs: ['apps/web', 'packages'], proof: 'apps/web/build/handler.js' },
};

/**
 * Makes the workspace ready to run, or ends the process with a sentence that says what to do.
 * @param {'messages' | 'web'} target
 */
export function prepare(target) {
  install();
  build(target);
}

/**
 * Ends the process with a sentence when the workspace is not ready to run. Changes nothing: the sources of a service or container
 * cannot be written.
 * @param {keyof typeof targets} target
 */
export function requirePrepared(target) {
  if (isInstalled(installHash()) && isBuilt(target, buildHash(target))) return;
  process.stderr.write(
    'turnover: These sources are not built, or changed since. Run in their folder: npm run build\n',
  );
  process.exit(CANNOT_RUN);
}

/**
 * Returns the command line that runs `command` in a shell whose PATH has the workspace's Node and pnpm.
 * @param {string} command
 * @returns {[string, string[]]}
 */
export function withPnpm(command) {
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const workspace = readFileSync(path.join(root, 'pnpm-workspace.yaml'), 'utf8');
  const nodeVersion = /^ {2}node: (\d\S*)$/m.exec(workspace)?.[1];
  const packages = [`node@${nodeVersion}`, manifest.packageManager];
  return ['npx', ['--yes', ...packages.flatMap((name) => ['-p', name]), '-c', command]];
}

/** Returns the environment for tools: without telemetry, and with development packages. */
export function toolEnv() {
  const { NODE_ENV: _, ...env } = process.env;
  return {
    ...env,
    CI: 'true',
    TURBO_TELEMETRY_DISABLED: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
    DO_NOT_TRACK: '1',
  };
}

function install() {
  const hash = installHash();
  if (isInstalled(hash)) return;
  runTool({
    what: existsSync(node) ? 'Installing what changed' : 'Installing (first start only)',
    command: 'pnpm install --frozen-lockfile',
    advice:
      'The packages could not be installed. Check that this machine reaches the npm registry ' +
      '(behind a proxy, set HTTPS_PROXY) and that the disk has space, then run the command again. ' +
      'If you changed a package.json, run `npx pnpm install` first.',
  });
  writeStamp(root, 'install', hash);
}

function installHash() {
  const names = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', 'apps', 'packages'];
  return hashFiles(root, names, {
    only: /(^|\/)(package\.json|pnpm-[^/]+\.yaml)$/,
    extra: `${process.platform} ${process.arch}`,
  });
}

/** @param {string} hash */
function isInstalled(hash) {
  return existsSync(node) && isStamped(root, 'install', hash);
}

/** @param {keyof typeof targets} name */
function build(name) {
  const hash = buildHash(name);
  if (isBuilt(name, hash)) return;
  runTool({
    what: name === 'web' ? 'Building' : 'Preparing messages',
    command: `node_modules/.bin/turbo run build --filter=@turnover/${name}`,
    advice: 'The build failed; see its output above.',
  });
  writeStamp(root, `build-${name}`, hash);
}

/** @param {keyof typeof targets} name */
function buildHash(name) {
  return hashFiles(root, [...targets[name].inputs, 'turbo.json', 'tsconfig.json', 'pnpm-lock.yaml'], {
    except: /(\.test\.ts|\.spec\.ts|playwright\.config\.ts|\.md)$/,
  });
}

/** @param {keyof typeof targets} name @param {string} hash */
function isBuilt(name, hash) {
  return existsSync(path.join(root, targets[name].proof)) && isStamped(root, `build-${name}`, hash);
}

/** @param {{ what: string, command: string, advice: string }} tool */
function runTool({ what, command, advice }) {
  const startedAt = performance.now();
  process.stderr.write(`${what}…`);
  const [file, args] = withPnpm(command);
  const result = spawnSync(file, args, {
    cwd: root,
    env: toolEnv(),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (result.status === 0) {
    process.stderr.write(` done in ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`);
    return;
  }
  const words = result.error?.message ?? `${result.stdout}${result.stderr}`;
  process.stderr.write(` failed\n\n${words.trim()}\n\n${advice}\n`);
  process.exit(1);
}
