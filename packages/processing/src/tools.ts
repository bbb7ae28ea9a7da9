/** Lists the programs and libraries of this machine for the page *Processing*. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { toolNames, type FoundCapabilities, type ToolName } from '@turnover/domain/server/capabilities';
import { findFfmpeg } from './preview/ffmpeg.ts';

const lookers: Record<ToolName, () => string | null> = {
  node: () => process.versions.node,
  'mediainfo.js': () => packageVersion('mediainfo.js'),
  sharp: () => packageVersion('sharp'),
  'hash-wasm': () => packageVersion('hash-wasm'),
  'xxhash-addon': () => packageVersion('xxhash-addon'),
  // Same test as in the stages: an ffmpeg without the encoders they need counts as absent.
  ffmpeg: () => findFfmpeg()?.version ?? null,
  ffprobe: () => programVersion('ffprobe', '-version'),
  prlimit: () => programVersion('prlimit', '--version'),
};

export function findTools(): FoundCapabilities['tools'] {
  return Object.fromEntries(toolNames.map((name) => [name, lookers[name]()?.slice(0, 60) ?? null])) as Record<
    ToolName,
    string | null
  >;
}

/** Returns the version in the program's output: the first word with a dot and a digit. Null when it cannot be started. */
function programVersion(program: string, option: string): string | null {
  const asked = spawnSync(program, [option], { encoding: 'utf8', timeout: 5000, maxBuffer: 1024 ** 2 });
  if (asked.status !== 0) return null;
  return /\d+\.[\w.+:~-]+/.exec(asked.stdout)?.[0] ?? 'unknown';
}

const { resolve } = createRequire(import.meta.url);

/**
 * Returns the version of a package. Walks up from the file that an import loads, because packages may hide their
 * package.json.
 */
function packageVersion(name: string): string | null {
  let folder = dirname(resolvedFile(name) ?? '/');
  for (; folder !== dirname(folder); folder = dirname(folder)) {
    const stated = readPackage(join(folder, 'package.json'));
    if (stated?.name === name) return stated.version;
  }
  return null;
}

function resolvedFile(name: string): string | null {
  try {
    return resolve(name);
  } catch {
    return null;
  }
}

function readPackage(path: string): { name: string; version: string } | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { name: string; version: string };
  } catch {
    return null;
  }
}
