import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sbomOf } from '../commands/sbom.ts';
import { writeSbom } from './cyclonedx.ts';
import { readLockFile } from './lock-file.ts';

const root = join(import.meta.dirname, '../../../..');
const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);

type Bill = {
  components: { name: string; version: string; scope: string; 'bom-ref': string; licenses?: unknown[] }[];
  dependencies: { ref: string; dependsOn: string[] }[];
};

const lockFile = `
lockfileVersion: '9.0'
importers:
  .:
    devDependencies:
      node: { specifier: 'catalog:', version: 24.0.0 }
      renamed: { specifier: 'catalog:', version: original@1.0.0 }
  apps/web:
    dependencies:
      '@scope/plugin': { specifier: ^1.0.0, version: 1.0.0(peer@1.0.0) }
      '@turnover/core': { specifier: 'workspace:*', version: link:../../packages/core }
  packages/core:
    dependencies:
      '@scope/plugin': { specifier: ^1.0.0, version: 1.0.0(peer@2.0.0) }
packages:
  peer@2.0.0:
    resolution: { integrity: sha512-AAAA }
  peer@1.0.0:
    resolution: { integrity: sha512-AAAA }
  original@1.0.0: { resolution: { integrity: sha512-AAAA } }
  node@24.0.0: { resolution: { integrity: sha512-AAAA } }
  '@scope/plugin@1.0.0':
    resolution: { integrity: sha512-AAAA }
snapshots:
  peer@2.0.0: {}
  peer@1.0.0: {}
  original@1.0.0: {}
  node@24.0.0: {}
  '@scope/plugin@1.0.0(peer@1.0.0)':
    dependencies: { peer: 1.0.0 }
  '@scope/plugin@1.0.0(peer@2.0.0)':
    optionalDependencies: { peer: 2.0.0 }
`;

const licences = new Map([
  ['peer@1.0.0', 'MIT'],
  ['peer@2.0.0', '(MIT OR Apache-2.0)'],
]);
const billOf = (text: string) => JSON.parse(writeSbom(readLockFile(text), licences, '1.0.0')) as Bill;

describe('a bill', () => {
  test('lists each package once, in order, and says which ones run with the hub', () => {
    expect(billOf(lockFile).components.map(({ name, version, scope }) => [name, version, scope])).toEqual([
      ['@scope/plugin', '1.0.0', 'required'],
      ['node', '24.0.0', 'required'],
      ['original', '1.0.0', 'excluded'],
      ['peer', '1.0.0', 'required'],
      ['peer', '2.0.0', 'required'],
    ]);
  });

  test('joins what a package needs with different peers', () => {
    const { dependencies } = billOf(lockFile);
    expect(dependencies[0]).toEqual({
      ref: 'turnover',
      dependsOn: ['pkg:npm/%40scope/plugin@1.0.0', 'pkg:npm/node@24.0.0', 'pkg:npm/original@1.0.0'],
    });
    expect(dependencies[1]).toEqual({
      ref: 'pkg:npm/%40scope/plugin@1.0.0',
      dependsOn: ['pkg:npm/peer@1.0.0', 'pkg:npm/peer@2.0.0'],
    });
  });

  test('states licences where they are known', () => {
    const found = Object.fromEntries(
      billOf(lockFile).components.map(({ 'bom-ref': ref, licenses }) => [ref, licenses]),
    );
    expect(found['pkg:npm/peer@1.0.0']).toEqual([{ license: { name: 'MIT' } }]);
    expect(found['pkg:npm/peer@2.0.0']).toEqual([{ expression: '(MIT OR Apache-2.0)' }]);
    expect(found['pkg:npm/node@24.0.0']).toBeUndefined();
  });

  test('has another serial number when anything changes', () => {
    const serialOf = (text: string) =>
      (JSON.parse(writeSbom(readLockFile(text), licences, '1.0.0')) as { serialNumber: string }).serialNumber;
    expect(serialOf(lockFile)).toBe(serialOf(lockFile));
    expect(serialOf(lockFile.replace('integrity: sha512-AAAA', 'integrity: sha512-BBBB'))).not.toBe(
      serialOf(lockFile),
    );
  });
});

describe('the bill of these sources', () => {
  const text = sbomOf(root);
  const { components, dependencies } = JSON.parse(text) as Bill;

  test('has the same bytes each time', () => expect(sbomOf(root)).toBe(text));

  test('is valid CycloneDX 1.6', async () => expect(await validator.validate(text)).toBeNull());

  test('refers only to what it lists, and lists nothing twice', () => {
    const refs = new Set(['turnover', ...components.map((component) => component['bom-ref'])]);
    expect(refs.size).toBe(components.length + 1);
    expect(
      dependencies.flatMap(({ ref, dependsOn }) => [ref, ...dependsOn]).filter((ref) => !refs.has(ref)),
    ).toEqual([]);
  });

  test('knows what runs and what only builds, with licences', () => {
    const of = (name: string) => components.find((component) => component.name === name)!;
    expect(['better-sqlite3', '@tus/server', 'node', 'svelte'].map((name) => of(name).scope)).toEqual(
      Array(4).fill('required'),
    );
    expect(['vitest', 'prettier', '@playwright/test'].map((name) => of(name).scope)).toEqual(
      Array(3).fill('excluded'),
    );
    expect(of('better-sqlite3').licenses).toEqual([{ license: { name: 'MIT' } }]);
  });
});
