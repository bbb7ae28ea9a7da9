import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

let folder: string;
let log: string;
let supervisor: ChildProcess;
let said: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'supervisor test '));
  log = path.join(folder, 'log');
  writeFileSync(log, '');
});

afterEach(() => {
  supervisor.kill('SIGKILL');
  for (const pid of pidsOf('started')) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

test('restarts a child that dies, and starts its followers once it is ready', async () => {
  start('dies once', 'steady');
  await logHas('worker started');
  expect(happened()).toEqual(['web started', 'web started', 'worker started']);
  expect(said).toContain('web ended unexpectedly (exit code 1)');
});

test('passes on what it says to the child that keeps the log, also what it said before', async () => {
  start('keeps the log', 'dies once');
  await logHas('web keeps warn: worker ended unexpectedly (exit code 1); restarting it in 0.01 s.');
  process.kill(pidsOf('web started')[0]!, 'SIGKILL');
  await logHas('web keeps warn: web ended unexpectedly (SIGKILL); restarting it in 0.01 s.');
});

test('gives followers the address at which the child before them serves', async () => {
  start('steady', 'follows');
  await logHas('worker follows the address of web');
});

test('restarts a killed child without touching its neighbour', async () => {
  start('steady', 'steady');
  await logHas('worker started');
  process.kill(pidsOf('web started')[0]!, 'SIGKILL');
  await vi.waitFor(() => expect(pidsOf('web started')).toHaveLength(2), { timeout: 10_000 });
  expect(pidsOf('worker started')).toHaveLength(1);
  expect(isAlive(pidsOf('worker started')[0]!)).toBe(true);
});

test('restarts a child once when its sources change, and leaves its neighbour alone', async () => {
  const sources = path.join(folder, 'sources');
  mkdirSync(sources);
  start('steady', 'steady', [], sources);
  await logHas('worker started');
  writeFileSync(path.join(sources, 'a.test.ts'), '');
  writeFileSync(path.join(sources, 'a.ts'), '');
  writeFileSync(path.join(sources, 'b.ts'), '');
  await vi.waitFor(() => expect(pidsOf('web started')).toHaveLength(2), { timeout: 10_000 });
  expect(happened()).toEqual(['web started', 'worker started', 'web stopped', 'web started']);
  expect(said).toContain('Restarting web: its sources changed.');
  expect(said).not.toContain('unexpectedly');
});

test('exit code 78 ends everything and is passed on', async () => {
  const ended = start('steady', 'refuses');
  expect(await ended).toBe(78);
  expect(happened()).toEqual(['web started', 'worker started', 'web stopped']);
  expect(said).toContain('worker cannot run;');
});

test('a child that asks for a pause ends everything with exit code 79', async () => {
  const ended = start('steady', 'pauses');
  expect(await ended).toBe(79);
  expect(happened().toSorted()).toEqual(['web started', 'web stopped', 'worker started', 'worker stopped']);
  expect(said).not.toContain('unexpectedly');
});

test('a signal during the pause ends everything for good', async () => {
  const ended = start('stubborn', 'pauses');
  await logHas('web ignored');
  supervisor.kill('SIGTERM');
  expect(await ended).toBe(0);
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s, even twice, ends everything with exit code 0',
  async (signal) => {
    const ended = start('steady', 'steady');
    await logHas('worker started');
    supervisor.kill(signal);
    supervisor.kill(signal);
    expect(await ended).toBe(0);
    expect(happened().toSorted()).toEqual(['web started', 'web stopped', 'worker started', 'worker stopped']);
  },
);

test('kills children that do not end by themselves', async () => {
  const ended = start('steady', 'stubborn');
  await logHas('worker started');
  supervisor.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(happened()).toContain('worker ignored');
  expect(pidsOf('started').filter(isAlive)).toEqual([]);
});

test('ends everything when npm is stopped and only its shell ends', async () => {
  start('steady', 'steady', ['sh', '-c', '"$@"; exit', 'sh']);
  await logHas('worker started');
  supervisor.kill('SIGTERM');
  await logHas('web stopped');
  await logHas('worker stopped');
});

test('children end when the supervisor itself is killed', async () => {
  const ended = start('steady', 'steady');
  await logHas('worker started');
  supervisor.kill('SIGKILL');
  await ended;
  await logHas('web abandoned');
  await logHas('worker abandoned');
});

function start(web: string, worker: string, shell: string[] = [], sources = ''): Promise<number | null> {
  const script = path.join(import.meta.dirname, 'testing/supervise-children.mjs');
  const [command = '', ...args] = [...shell, process.execPath, script, log, web, worker, sources];
  const env = { ...process.env, npm_lifecycle_event: 'start' };
  supervisor = spawn(command, args, { env, stdio: ['ignore', 'inherit', 'pipe'] });
  said = '';
  supervisor.stderr?.on('data', (chunk) => (said += chunk));
  return new Promise((resolve) => supervisor.on('exit', resolve));
}

function lines(): string[] {
  return readFileSync(log, 'utf8').split('\n').filter(Boolean);
}

function happened(): string[] {
  return lines().map((line) => line.replace(/ \d+$/, ''));
}

function pidsOf(what: string): number[] {
  return lines().flatMap((line) => (line.includes(what) ? Number(line.split(' ').at(-1)) : []));
}

function logHas(what: string): Promise<void> {
  return vi.waitFor(() => expect(happened()).toContain(what), { timeout: 10_000 });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
