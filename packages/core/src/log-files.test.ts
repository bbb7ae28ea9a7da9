import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openLogFiles } from './log-files.ts';

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'turnover-logs-'));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

const path = (name = 'web.log') => join(data, 'logs', name);
const holds = (text: string, name?: string) =>
  vi.waitFor(() => expect(readFileSync(path(name), 'utf8')).toContain(text), { timeout: 10_000 });

test('keeps lines from before the folder is known, in files that only their user reads', async () => {
  const files = openLogFiles('web', Date.now);
  files.write('first');
  files.begin(data);
  files.write('second');
  await holds('first\nsecond\n');
  expect(statSync(join(data, 'logs')).mode & 0o777).toBe(0o700);
  expect(statSync(path()).mode & 0o777).toBe(0o600);
});

test('holds a bounded number of bytes, whatever is logged', async () => {
  const files = openLogFiles('web', Date.now, { fileBytes: 1000, collectMs: 1 });
  files.begin(data);
  for (let turn = 0; turn < 12; turn += 1) {
    files.write(`${turn} ${'x'.repeat(500)}`);
    await holds(`${turn} x`);
  }
  expect(readdirSync(join(data, 'logs')).toSorted()).toEqual([
    'web.1.log',
    'web.2.log',
    'web.3.log',
    'web.log',
  ]);
  for (const name of readdirSync(join(data, 'logs')))
    expect(statSync(path(name)).size).toBeLessThanOrEqual(1000);
  expect(readFileSync(path('web.1.log'), 'utf8')).toContain('10 x');
});

test('counts the lines that it could not write, and goes on', () => {
  const files = openLogFiles('worker', Date.now);
  files.begin(data);
  writeFileSync(join(data, 'logs'), 'not a folder');
  files.write('lost');
  files.end();
  rmSync(join(data, 'logs'));
  mkdirSync(join(data, 'logs'));
  files.write('kept');
  files.end();
  const text = readFileSync(path('worker.log'), 'utf8');
  // The empty line ends one that was written in part.
  expect(text).toMatch(/^\n\{"at":"\S+","level":"warn","event":"log\.linesLeftOut","count":1\}\nkept\n$/);
});

test('the end of the process keeps the lines that are on their way to the file', async () => {
  const files = openLogFiles('web', Date.now, { fileBytes: 1e6, collectMs: 0 });
  files.begin(data);
  for (const text of ['first', 'second']) files.write(text);
  await vi.waitFor(() => expect(existsSync(join(data, 'logs'))).toBe(true), { interval: 0 });
  files.end();
  expect(readFileSync(path(), 'utf8')).toContain('first\nsecond\n');
});

test('makes its folder when the process ends at once', () => {
  const files = openLogFiles('web', Date.now);
  files.begin(data);
  files.write('crashed');
  files.end();
  expect(readFileSync(path(), 'utf8')).toBe('crashed\n');
});

test('keeps a bounded number of bytes in memory', () => {
  const files = openLogFiles('web', Date.now);
  for (let turn = 0; turn < 200; turn += 1) files.write('x'.repeat(10_000));
  files.begin(data);
  mkdirSync(join(data, 'logs'));
  files.end();
  expect(statSync(path()).size).toBeLessThan(1024 * 1024 + 1000);
  expect(readFileSync(path(), 'utf8')).toContain('"event":"log.linesLeftOut","count":96');
});

test('writes what waits when the process ends', () => {
  mkdirSync(join(data, 'logs'));
  const files = openLogFiles('web', Date.now);
  files.begin(data);
  files.write('the last words');
  files.end();
  expect(readFileSync(path(), 'utf8')).toBe('the last words\n');
});
