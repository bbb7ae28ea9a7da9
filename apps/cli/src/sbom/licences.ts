/** Finds the licences of the installed packages in pnpm's folder. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Licences } from './cyclonedx.ts';

type Manifest = { name?: string; version?: string; license?: unknown };

/** Packages for other systems are not installed, so their licences are not known here. */
export function readLicences(sources: string): Licences {
  const store = join(sources, 'node_modules/.pnpm');
  const licences = new Map<string, string>();
  for (const folder of readdirSync(store)) {
    for (const path of packagesIn(join(store, folder, 'node_modules'))) {
      const { name, version, license } = manifestOf(path);
      if (name && version && typeof license === 'string') licences.set(`${name}@${version}`, license);
    }
  }
  return licences;
}

/** Real folders only: what lies beside them are links to other packages. */
function packagesIn(folder: string): string[] {
  return foldersIn(folder).flatMap((name) =>
    name.startsWith('@')
      ? foldersIn(join(folder, name)).map((inner) => join(folder, name, inner))
      : join(folder, name),
  );
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

function manifestOf(path: string): Manifest {
  try {
    return JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as Manifest;
  } catch {
    return {};
  }
}
