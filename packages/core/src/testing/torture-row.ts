/**
 * For tests: one row of the table that `npm run test:long` prints. A row repeats a fault, keeps outside the hub what the hub
 * acknowledged, and counts what was lost. `npm test` runs the same row with a few trials.
 */
import { expect, inject, test, type TestContext } from 'vitest';

export type RowReport = { row: string; trials: number; losses: number; seed: number; note: string };

declare module 'vitest' {
  interface ProvidedContext {
    /** True for `npm run test:long`. */
    isLong: boolean;
    /** Chosen with `--seed`, or by chance in long runs; otherwise always the same. */
    seed: number;
  }
  interface TaskMeta {
    torture?: RowReport;
  }
}

export type Row = {
  /** How often to repeat the fault. */
  trials: number;
  /** Returns numbers from 0 to 1: the same ones for the same seed. */
  random(): number;
  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number;
  /** Notes one broken promise. The row goes on, and fails at its end. */
  lose(what: string): void;
  /** One sentence for the table, such as what the control lost. */
  note(text: string): void;
};

export type RowPlan = {
  /** What the hub promises. */
  promise: string;
  /** None: only `npm run test:long` runs the row. */
  shortTrials: number;
  longTrials: number;
  /** Why this machine cannot run the row. */
  skip?: string | false;
  run(row: Row): Promise<void>;
};

export function tortureRow(name: string, { promise, shortTrials, longTrials, skip, run }: RowPlan): void {
  const trials = inject('isLong') ? longTrials : shortTrials;
  const title = `${name}: ${promise}${skip ? ` (${skip})` : ''}`;
  // Only for hangs: on a busy machine a process takes long to start.
  const timeout = inject('isLong') ? 30 * 60_000 : 15 * 60_000;
  test.skipIf(trials === 0 || skip)(title, { timeout }, async ({ task }: TestContext) => {
    const seed = inject('seed');
    const losses: string[] = [];
    const random = randomFrom(seed);
    const report: RowReport = { row: name, trials, losses: 0, seed, note: '' };
    task.meta.torture = report;
    console.log(`${name}: ${trials} trials, seed ${seed}`);
    await run({
      trials,
      random,
      between: (least, most) => least + Math.floor(random() * (most - least + 1)),
      lose(what) {
        losses.push(what);
        report.losses = losses.length;
      },
      note: (text) => (report.note = text),
    });
    expect(losses).toEqual([]);
  });
}

/** Mulberry32: a small generator that returns the same numbers for the same seed on every machine. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
