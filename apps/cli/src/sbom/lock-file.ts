/** Reads pnpm's lock file: which packages there are, and what needs what. Pure. */
import { parse } from 'yaml';

export type LockedPackage = {
  /** `name@version`. */
  id: string;
  name: string;
  version: string;
  /** As npm writes it: `sha512-` and base64. */
  integrity: string | null;
};

/** A package of this workspace. `development`: what it needs only to be built or tested. */
export type Workspace = { path: string; needs: string[]; development: string[] };

export type LockFile = {
  packages: LockedPackage[];
  /** By the id of a package: the ids of packages that it needs. */
  needs: ReadonlyMap<string, readonly string[]>;
  workspaces: Workspace[];
};

type References = Record<string, string>;
type Importer = Partial<
  Record<'dependencies' | 'optionalDependencies' | 'devDependencies', Record<string, { version: string }>>
>;
type Written = {
  importers: Record<string, Importer>;
  packages: Record<string, { resolution?: { integrity?: string } }>;
  snapshots: Record<string, { dependencies?: References; optionalDependencies?: References }>;
};

export function readLockFile(text: string): LockFile {
  const { importers, packages, snapshots } = parse(text) as Written;
  return {
    packages: Object.entries(packages).map(([id, { resolution }]) => ({
      id,
      ...partsOf(id),
      integrity: resolution?.integrity ?? null,
    })),
    needs: needsOf(snapshots),
    workspaces: Object.entries(importers).map(([path, importer]) => ({
      path,
      needs: [importer.dependencies, importer.optionalDependencies].flatMap((each) => idsIn(path, each)),
      development: idsIn(path, importer.devDependencies),
    })),
  };
}

/** One package is listed once for each set of peers that it is installed with; here those are one. */
function needsOf(snapshots: Written['snapshots']): Map<string, string[]> {
  const needs = new Map<string, string[]>();
  for (const [key, { dependencies = {}, optionalDependencies = {} }] of Object.entries(snapshots)) {
    const ids = Object.entries({ ...dependencies, ...optionalDependencies }).map(([name, version]) =>
      idOf(name, version),
    );
    const id = withoutPeers(key);
    needs.set(id, [...(needs.get(id) ?? []), ...ids]);
  }
  return needs;
}

function idsIn(path: string, entries: Record<string, { version: string }> = {}): string[] {
  return Object.entries(entries).map(([name, { version }]) =>
    version.startsWith('link:') ? linked(path, version) : idOf(name, version),
  );
}

/** The path of a workspace, from `link:../../packages/core` of another one. */
function linked(path: string, version: string): string {
  return new URL(`${path}/${version.slice('link:'.length)}`, 'file:///').pathname.slice(1);
}

/** Under another name, pnpm writes the whole id as the version. */
function idOf(name: string, version: string): string {
  const bare = withoutPeers(version);
  return bare.lastIndexOf('@') > 0 ? bare : `${name}@${bare}`;
}

function withoutPeers(text: string): string {
  return text.split('(', 1)[0]!;
}

function partsOf(id: string): { name: string; version: string } {
  const at = id.lastIndexOf('@');
  return { name: id.slice(0, at), version: id.slice(at + 1) };
}
