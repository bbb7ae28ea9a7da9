/** Writes a bill of materials in CycloneDX 1.6. Pure: the same lock file and licences give the same bytes. */
import { createHash } from 'node:crypto';
import type { LockedPackage, LockFile } from './lock-file.ts';

/** The licence of each installed package, by its id, as its package.json says it. */
export type Licences = ReadonlyMap<string, string>;

/** The program that runs the hub is among the development packages, because no package of ours imports it. */
const runtime = 'node';

const ofHub = 'turnover';

export function writeSbom(lock: LockFile, licences: Licences, version: string): string {
  const shipped = shippedIds(lock);
  const bill = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: { type: 'application', 'bom-ref': ofHub, name: 'turnover', version },
    },
    components: sorted(lock.packages).map((each) => componentOf(each, licences, shipped)),
    dependencies: dependenciesOf(lock),
  };
  const serialNumber = `urn:uuid:${uuidOf(JSON.stringify(bill))}`;
  const { $schema, bomFormat, specVersion, ...rest } = bill;
  return `${JSON.stringify({ $schema, bomFormat, specVersion, serialNumber, ...rest }, null, 2)}\n`;
}

/** `excluded`: the package builds or tests the hub, and does not run with it. */
function componentOf(
  { id, name, version, integrity }: LockedPackage,
  licences: Licences,
  shipped: ReadonlySet<string>,
) {
  const licence = licences.get(id);
  return {
    type: 'library',
    'bom-ref': purlOf(id),
    name: name,
    version: version,
    scope: shipped.has(id) ? 'required' : 'excluded',
    ...(integrity !== null && { hashes: [hashOf(integrity)] }),
    ...(licence !== undefined && { licenses: [licenceOf(licence)] }),
    purl: purlOf(id),
  };
}

/** A single SPDX name cannot be distinguished from a name of the author's own, so it is written as an expression only when it is one. */
function licenceOf(text: string) {
  return /\s(AND|OR|WITH)\s/.test(text) ? { expression: text } : { license: { name: text } };
}

function hashOf(integrity: string) {
  const [, algorithm = '', value = ''] = /^(sha\d+)-(.+)$/.exec(integrity) ?? [];
  return { alg: algorithm.replace('sha', 'SHA-'), content: Buffer.from(value, 'base64').toString('hex') };
}

/** The hub needs all that its packages need; those are parts of it. */
function dependenciesOf({ packages, needs, workspaces }: LockFile) {
  const direct = workspaces.flatMap((each) => [...each.needs, ...each.development]);
  const known = new Set(packages.map(({ id }) => id));
  const refs = (ids: readonly string[]) =>
    [...new Set(ids)]
      .filter((id) => known.has(id))
      .map(purlOf)
      .sort();
  return [
    { ref: ofHub, dependsOn: refs(direct) },
    ...sorted(packages).map(({ id }) => ({ ref: purlOf(id), dependsOn: refs(needs.get(id) ?? []) })),
  ];
}

/** What runs with the hub: all that its packages need to run, and what those need. */
function shippedIds({ needs, workspaces }: LockFile): Set<string> {
  const roots = workspaces.flatMap((each) => [
    ...each.needs,
    ...each.development.filter((id) => id.startsWith(`${runtime}@`)),
  ]);
  const shipped = new Set(roots);
  // A set visits what is added while it is walked.
  for (const id of shipped) for (const needed of needs.get(id) ?? []) shipped.add(needed);
  return shipped;
}

function purlOf(id: string): string {
  const at = id.lastIndexOf('@');
  const name = id.slice(0, at).replace('@', '%40');
  return `pkg:npm/${name}@${encodeURIComponent(id.slice(at + 1))}`;
}

function sorted(packages: readonly LockedPackage[]): LockedPackage[] {
  return packages.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** A UUID of version 8, made from the content instead of from chance. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const variant = ((parseInt(hex[16]!, 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20, 32),
  ].join('-');
}
