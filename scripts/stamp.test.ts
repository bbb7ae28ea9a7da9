import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hashFiles, isStamped, writeStamp } from './stamp.mjs';

let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'stamp test '));
  write('packages/core/package.json', '{}');
  write('packages/core/src/jobs.ts', 'one');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

test('the hash changes with names and contents', () => {
  const hashes = [hash()];
  write('packages/core/src/jobs.ts', 'two');
  hashes.push(hash());
  write('packages/core/src/more.ts', '');
  hashes.push(hash());
  write('packages/core/src/jobs.ts', 'one');
  rmSync(path.join(root, 'packages/core/src/more.ts'));
  expect(new Set(hashes).size).toBe(3);
  expect(hash()).toBe(hashes[0]);
});

test('moving bytes from one file to the next changes the hash', () => {
  write('packages/core/src/a.ts', 'ab');
  write('packages/core/src/b.ts', 'c');
  const before = hash();
  write('packages/core/src/a.ts', 'a');
  write('packages/core/src/b.ts', 'bc');
  expect(hash()).not.toBe(before);
});

test.each([
  'node_modules/zod/index.js',
  'build/handler.js',
  'src/paraglide/messages.js',
  '.svelte-kit/tsconfig.json',
])('ignores generated files: %s', (name) => {
  const before = hash();
  write(`packages/core/${name}`, 'made');
  expect(hash()).toBe(before);
});

test('includes and excludes files', () => {
  const manifests = () => hashFiles(root, ['packages'], { only: /package\.json$/ });
  const sources = () => hashFiles(root, ['packages'], { except: /\.test\.ts$/ });
  const before = [manifests(), sources()];
  write('packages/core/src/jobs.test.ts', 'test');
  expect([manifests(), sources()]).toEqual(before);
  write('packages/core/package.json', '{"name":"core"}');
  expect(manifests()).not.toBe(before[0]);
  expect(hashFiles(root, ['packages'], { only: /package\.json$/, extra: 'linux' })).not.toBe(manifests());
});

test('accepts a stamp only for its own hash', () => {
  expect(isStamped(root, 'install', 'abc')).toBe(false);
  writeStamp(root, 'install', 'abc');
  expect(isStamped(root, 'install', 'abc')).toBe(true);
  expect(isStamped(root, 'install', 'abd')).toBe(false);
  expect(isStamped(root, 'build', 'abc')).toBe(false);
});

function hash(): string {
  return hashFiles(root, ['packages', 'turbo.json']);
}

function write(name: string, content: string): void {
  const file = path.join(root, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
}
