// Programs of the system that benchmarks compare with, and texts for repeated measurements.
import { spawnSync } from 'node:child_process';
import { loadavg } from 'node:os';

/** Returns the milliseconds of one run of the program; null when it is not installed. */
export function peerMs(program: string, args: readonly string[]): number | null {
  const startedAt = performance.now();
  const { error, status, stderr } = spawnSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return null;
  if (error || status !== 0) throw error ?? new Error(`${program} ended with ${status}: ${stderr}`);
  return performance.now() - startedAt;
}

export function sayMissing(program: string, what: string): void {
  console.log(`  skipped: ${what}. ${program} is not installed.`);
}

export type Times = { median: number; least: number; most: number };

export function timesOf(ms: readonly number[]): Times {
  const sorted = ms.toSorted((one, other) => one - other);
  return { median: sorted[Math.floor(sorted.length / 2)]!, least: sorted[0]!, most: sorted.at(-1)! };
}

export function sayGoal(what: string, found: string, aim: string, reached: boolean): void {
  console.log(
    `  ${what.padEnd(46)} ${found.padStart(12)} (aim: ${aim}) ${reached ? 'reached' : 'NOT reached'}`,
  );
}

/** Prints the load of the machine, because other work changes every figure. */
export function sayLoad(): void {
  console.log(`  load of the machine: ${loadavg()[0]!.toFixed(1)}`);
}
