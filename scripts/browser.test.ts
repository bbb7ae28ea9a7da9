import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findBrowser } from './browser.mjs';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'browser test '));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('finds a browser that starts', () => {
  const file = writeCommand('chromium-browser', 'echo Chromium 1');
  expect(findBrowser(['/nowhere', folder])).toBe(file);
});

test('ignores a command that only says how to install a browser', () => {
  writeCommand('chromium', 'exit 1');
  expect(findBrowser([folder])).toBeUndefined();
  const file = writeCommand('google-chrome', 'echo Chrome 1');
  expect(findBrowser([folder])).toBe(file);
});

function writeCommand(name: string, script: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return file;
}
