/** Long work in short pieces: between two of them others get their turn. */
import { setImmediate as turn } from 'node:timers/promises';

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

/** Between two steps of a call that are long themselves: others get their turn. */
export async function othersTurn(): Promise<void> {
  await turn();
}

const turnMs = 8;

/** Work without a transaction, whose items may take long or not: others get their turn as soon as some milliseconds went by. */
export async function inTurns<Item>(items: Iterable<Item>, work: (item: Item) => void): Promise<void> {
  let began = performance.now();
  for (const item of items) {
    work(item);
    if (performance.now() - began < turnMs) continue;
    await turn();
    began = performance.now();
  }
}

/** Work that gives up the thread by itself now and then: others get their turn when its time is over. */
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

/** For loops of many short steps: awaiting it gives others their turn as soon as some milliseconds went by since the last one. */
export function turns(): () => Promise<void> {
  let began = performance.now();
  return async () => {
    if (performance.now() - began < turnMs) return;
    await turn();
    began = performance.now();
  };
}
