/** Splits long work into pieces and yields to the event loop between them. */
import { setImmediate as turn } from 'node:timers/promises';

/** Calls `work` with batches of at most `size` items, and yields to the event loop between two batches. */
export async function inBatches<Item>(
  items: readonly Item[],
  size: number,
  work: (batch: Item[]) => void,
): Promise<void> {
  for (let start = 0; start < items.length; start += size) {
    if (start > 0) await turn();
    work(items.slice(start, start + size));
  }
}

/** Yields to the event loop once. Call it between two long steps. */
export async function othersTurn(): Promise<void> {
  await turn();
}

const turnMs = 8;

/**
 * Calls `work` with each item, and yields to the event loop every 8 ms. For work outside a transaction whose items
 * differ in cost.
 */
export async function inTurns<Item>(items: Iterable<Item>, work: (item: Item) => void): Promise<void> {
  let began = performance.now();
  for (const item of items) {
    work(item);
    if (performance.now() - began < turnMs) continue;
    await turn();
    began = performance.now();
  }
}

/**
 * Runs a generator to its end and returns its result. At each `yield` of it, yields to the event loop if 8 ms have
 * passed.
 */
export async function turnsOf<Result>(work: Generator<void, Result, void>): Promise<Result> {
  let began = performance.now();
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    if (performance.now() - began < turnMs) continue;
    await turn();
    began = performance.now();
  }
}

/**
 * Returns a function for loops of many short steps: awaiting it yields to the event loop if 8 ms have passed since
 * the last time.
 */
export function turns(): () => Promise<void> {
  let began = performance.now();
  return async () => {
    if (performance.now() - began < turnMs) return;
    await turn();
    began = performance.now();
  };
}
