import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findTools } from './tools.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'turnover-tools-'));
  vi.stubEnv('PATH', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function program(name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
}

test('finds the installed libraries, and reports programs that are not on the PATH as absent', () => {
  const tools = findTools();
  expect(tools.node).toBe(process.versions.node);
  for (const library of ['mediainfo.js', 'sharp', 'hash-wasm', 'xxhash-addon'] as const)
    expect(tools[library], library).toMatch(/^\d+\.\d+\.\d+/);
  expect(tools).toMatchObject({ ffprobe: null, prlimit: null });
});

test('reads the version of a program, and reports a failing one as absent', () => {
  program('ffprobe', 'echo "ffprobe version 7.1.2-0+deb13u1 Copyright (c) 2007"');
  program('prlimit', 'echo 1.0; exit 3');
  expect(findTools()).toMatchObject({ ffprobe: '7.1.2-0+deb13u1', prlimit: null });
});
