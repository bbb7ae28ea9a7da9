/** Long work in short transactions: between two of them others get their turn. */
import { setImmediate as turn } from 'node:timers/promises';

export async function inBites<Item>(
  items: readonly Item[],
  size: number,
  work: (bite: Item[]) => void,
): Promise<void> {
  for (let start = 0; start < items.length; start += size) {
    if (start > 0) await turn();
    work(items.slice(start, start + size));
  }
}
