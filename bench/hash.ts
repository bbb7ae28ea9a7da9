// Hashes a stored file in a thread of the worker's pool, beside programs that only hash. The file is in the page
// cache. Runs alternate, and ratios are of processor time, because other work on the machine changes the time by the clock.
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { randomFillSync } from 'node:crypto';
import path from 'node:path';
import { openPool, type Pool } from '../apps/worker/src/pool.ts';
import type { ChecksumAlgorithm } from '../packages/domain/src/media/checksums.ts';
import { peerMs, sayGoal, sayLoad, sayMissing, timesOf } from './peers.ts';
import { root } from './process.ts';

const runs = 9;
const sizeBytes = 512 * 1024 ** 2;

export async function benchHash(): Promise<void> {
  const cache = path.join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(path.join(cache, 'bench-hash-'));
  const pool = openPool(2);
  try {
    const file = path.join(folder, 'file');
    writeNoise(file);
    sayLoad();
    await compareWith(pool, file);
    sayLoad();
  } finally {
    await pool.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

type Spent = { ms: number; cpuMs: number };

async function compareWith(pool: Pool, file: string): Promise<void> {
  const ours = async (...algorithms: ChecksumAlgorithm[]): Promise<Spent> => {
    const [startedAt, cpu] = [performance.now(), process.cpuUsage()];
    await pool.hashWhole({ path: file, sizeBytes, algorithms }, new AbortController().signal);
    const { user, system } = process.cpuUsage(cpu);
    return { ms: performance.now() - startedAt, cpuMs: (user + system) / 1000 };
  };
  const peer = (program: string, args: string[]): Spent | null => {
    const before = childrenCpuMs();
    const ms = peerMs(program, args);
    return ms === null ? null : { ms, cpuMs: childrenCpuMs() - before };
  };
  const measured = {
    xxh128: () => ours('xxh128'),
    xxhsum: () => peer('xxhsum', ['-H2', file]),
    md5: () => ours('md5'),
    openssl: () => peer('openssl', ['md5', file]),
    both: () => ours('xxh128', 'md5'),
    every: () => ours('xxh128', 'xxh64', 'xxh3', 'md5', 'sha1', 'sha256', 'c4'),
  };
  type Name = keyof typeof measured;
  const spent: Partial<Record<Name, Spent[]>> = {};
  for (let run = 0; run <= runs; run++) {
    for (const name of Object.keys(measured) as Name[]) {
      const found = await measured[name]();
      // The first run is not counted, because it loads programs and threads.
      if (found !== null && run > 0) (spent[name] ??= []).push(found);
    }
  }
  for (const [name, all] of Object.entries(spent)) sayRate(name, all);
  const compare = (what: string, name: Name, other: Name, goal: number) => {
    const [our, their] = [spent[name], spent[other]];
    if (!our || !their) return sayMissing(other, what);
    const ratio = cpuOf(their) / cpuOf(our);
    sayGoal(what, ratio.toFixed(2), `at least ${goal}`, ratio >= goal);
    // Both runs of a pair meet about the same load.
    const byTheClock = timesOf(our.map(({ ms }, run) => their[run]!.ms / ms));
    console.log(`    by the clock ${byTheClock.median.toFixed(2)}`);
  };
  compare('xxh128, as share of xxhsum -H2', 'xxh128', 'xxhsum', 0.85);
  compare('md5, as share of openssl md5', 'md5', 'openssl', 0.95);
  compare('xxh128 and md5 in one read, as share of md5', 'both', 'md5', 0.95);
}

function sayRate(name: string, all: readonly Spent[]): void {
  const { median, least, most } = timesOf(all.map(({ ms }) => ms));
  const rate = (ms: number) => (sizeBytes / 1e6 / (ms / 1000)).toFixed(0);
  const cpu = rate(cpuOf(all) / all.length);
  console.log(
    `  ${name.padEnd(8)} ${rate(median)} MB/s (${rate(most)} to ${rate(least)}), ${cpu} MB per CPU second`,
  );
}

function cpuOf(all: readonly Spent[]): number {
  return all.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
}

/**
 * Returns the processor time of all programs that have ended, in steps of 10 ms as Linux counts it. Other work on the
 * machine hardly changes it.
 */
function childrenCpuMs(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

function writeNoise(file: string): void {
  const noise = randomFillSync(Buffer.alloc(8 * 1024 * 1024));
  const to = openSync(file, 'w');
  for (let written = 0; written < sizeBytes; written += noise.length) {
    noise.writeUInt32LE(written / noise.length, 0);
    writeSync(to, noise);
  }
  closeSync(to);
}
