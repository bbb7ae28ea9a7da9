// Provides ffmpeg for the tests that need it, in a folder of its own: all other tests run on a machine without it.
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { root } from './bootstrap.mjs';

const call = promisify(execFile);
const cache = path.join(root, 'node_modules/.cache/ffmpeg');

/**
 * The folder of an ffmpeg that starts, for the PATH of tests. Undefined: the system has its own, so that all tests run with it, or
 * none can be had here.
 * @returns {Promise<string | undefined>}
 */
export async function provideFfmpeg() {
  const given = process.env.TURNOVER_TEST_FFMPEG;
  if (given) return given;
  if (spawnSync('ffmpeg', ['-version']).status === 0) return undefined;
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
 * Whether the folder has an ffmpeg and an ffprobe that start.
 * @param {string} folder
 */
export function hasFfmpeg(folder) {
  return ['ffmpeg', 'ffprobe'].every(
    (program) => spawnSync(path.join(folder, program), ['-version']).status === 0,
  );
}

/** Unpacks the packages that an installation would add, and installs none of them. */
async function unpackFromDebian() {
  const archives = path.join(cache, 'archives');
  const unpacked = path.join(cache, 'root');
  for (const folder of [unpacked, archives]) rmSync(folder, { recursive: true, force: true });
  mkdirSync(path.join(archives, 'partial'), { recursive: true });
  const options = [`Dir::Cache::archives=${archives}`, 'APT::Sandbox::User=root', 'Debug::NoLocking=true'];
  const install = [
    ...['install', '-y', '--download-only', '--no-install-recommends'],
    ...options.flatMap((option) => ['-o', option]),
    'ffmpeg',
  ];
  const limit = { timeout: 300_000 };
  try {
    await call('apt-get', install, limit);
  } catch {
    await call('apt-get', ['update'], limit);
    await call('apt-get', install, limit);
  }
  const packages = readdirSync(archives).filter((name) => name.endsWith('.deb'));
  for (const name of packages) await call('dpkg', ['-x', path.join(archives, name), unpacked], limit);
  rmSync(archives, { recursive: true });
  for (const program of ['ffmpeg', 'ffprobe']) writeCommand(unpacked, program);
}

/**
 * Writes a command that starts the unpacked program with its own libraries.
 * @param {string} unpacked
 * @param {string} program
 */
function writeCommand(unpacked, program) {
  const libraries = ['usr/lib', 'lib'].flatMap((folder) => foldersOfLibraries(path.join(unpacked, folder)));
  const bin = path.join(cache, 'bin');
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
