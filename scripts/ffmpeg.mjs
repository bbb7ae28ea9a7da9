// Provides ffmpeg for the tests that need it, in a folder of its own: all other tests run on a machine without it.
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { root } from './bootstrap.mjs';

const call = promisify(execFile);
const cache = path.join(root, 'node_modules/.cache/ffmpeg');

/**
 * The folder of an ffmpeg that Turnover uses, for the PATH of tests. Undefined: the system has its own, so that all tests run with it, or
 * none can be had here.
 * @returns {Promise<string | undefined>}
 */
export async function provideFfmpeg() {
  const given = process.env.TURNOVER_TEST_FFMPEG;
  if (given) {
    if (!hasFfmpeg(given)) process.stderr.write(`${given} has no ffmpeg that encodes H.264 and AAC.\n`);
    return given;
  }
  if (canEncode('ffmpeg')) return undefined;
  const folder = path.join(cache, 'bin');
  if (hasFfmpeg(folder)) return folder;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    process.stderr.write('Fetching ffmpeg for the tests…\n');
    try {
      await unpackFromDebian();
      if (hasFfmpeg(folder)) return folder;
    } catch {
      // Said below.
    }
  }
  process.stderr.write('There is no ffmpeg. Skipping the tests that need it.\n');
  return undefined;
}

/**
 * Whether the folder has an ffmpeg that Turnover uses, and an ffprobe that starts, which only tests need.
 * @param {string} folder
 */
export function hasFfmpeg(folder) {
  const probe = spawnSync(path.join(folder, 'ffprobe'), ['-version'], { timeout: 20_000 });
  return probe.status === 0 && canEncode(path.join(folder, 'ffmpeg'));
}

/**
 * The hub asks the same of an ffmpeg (`processing/src/preview/ffmpeg.ts`).
 * @param {string} program
 */
function canEncode(program) {
  const { status, stdout } = spawnSync(program, ['-encoders'], { encoding: 'utf8', timeout: 20_000 });
  return status === 0 && / libx264 /.test(stdout) && / aac /.test(stdout);
}

/**
 * Unpacks the packages that an installation would add, and installs none of them. Nobody waits long for a network that does not
 * answer.
 */
export async function unpackFromDebian(folder = cache, signal = AbortSignal.timeout(120_000)) {
  const archives = path.join(folder, 'archives');
  const unpacked = path.join(folder, 'root');
  const lists = path.join(folder, 'lists');
  for (const each of [unpacked, archives, lists]) rmSync(each, { recursive: true, force: true });
  for (const each of [archives, lists]) mkdirSync(path.join(each, 'partial'), { recursive: true });
  const options = [
    ...[`Dir::Cache::archives=${archives}`, 'Dir::Cache::pkgcache=', 'Dir::Cache::srcpkgcache='],
    ...['APT::Sandbox::User=root', 'Debug::NoLocking=true'],
    ...['Acquire::Retries=0', 'Acquire::http::Timeout=10', 'Acquire::https::Timeout=10'],
  ];
  /** @param {string[]} args */
  const apt = (...args) =>
    call('apt-get', [...options.flatMap((option) => ['-o', option]), ...args], { signal });
  const install = ['install', '-y', '--download-only', '--no-install-recommends', 'ffmpeg'];
  try {
    await apt(...install);
  } catch {
    // The lists of the system are missing or old. They stay as they are.
    const own = ['-o', `Dir::State::lists=${lists}`];
    await apt(...own, 'update');
    await apt(...own, ...install);
  }
  const packages = readdirSync(archives).filter((name) => name.endsWith('.deb'));
  for (const name of packages) await call('dpkg', ['-x', path.join(archives, name), unpacked], { signal });
  for (const each of [archives, lists]) rmSync(each, { recursive: true });
  for (const program of ['ffmpeg', 'ffprobe']) writeCommand(folder, unpacked, program);
}

/**
 * Writes a command that starts the unpacked program with its own libraries.
 * @param {string} folder
 * @param {string} unpacked
 * @param {string} program
 */
function writeCommand(folder, unpacked, program) {
  const libraries = ['usr/lib', 'lib'].flatMap((each) => foldersOfLibraries(path.join(unpacked, each)));
  const bin = path.join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  const script = [
    '#!/bin/sh',
    `export LD_LIBRARY_PATH='${libraries.join(':')}'`,
    `exec '${path.join(unpacked, 'usr/bin', program)}' "$@"`,
    '',
  ];
  writeFileSync(path.join(bin, program), script.join('\n'), { mode: 0o755 });
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function foldersOfLibraries(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  const deeper = entries.filter((entry) => entry.isDirectory()).map(({ name }) => path.join(folder, name));
  const hasLibraries = entries.some(({ name }) => /\.so(\.|$)/.test(name));
  return [...(hasLibraries ? [folder] : []), ...deeper.flatMap(foldersOfLibraries)];
}
