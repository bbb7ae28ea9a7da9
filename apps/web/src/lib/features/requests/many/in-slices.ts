/** Splits a call into several with at most as many requests as the hub accepts, and combines the answers. */
import { maxRequestsAtOnce as perCall } from '@turnover/domain/requests/limits';
import type { ManyDoneView } from '@turnover/domain/requests/many';

type Answer = ManyDoneView & { before?: { requestId: string; dueAt: number | null }[] };

export async function inSlices<Item, Done extends Answer>(
  items: readonly Item[],
  call: (some: Item[]) => Promise<Done>,
): Promise<Done> {
  let all = await call(items.slice(0, perCall));
  for (let start = perCall; start < items.length; start += perCall) {
    const next = await call(items.slice(start, start + perCall));
    all = {
      ...all,
      done: [...all.done, ...next.done],
      refused: [...all.refused, ...next.refused],
      ...(all.before && { before: [...all.before, ...(next.before ?? [])] }),
    };
  }
  return all;
}
