/**
 * A page that leaves for good asks nothing more: its session may end before the next page opens, and the hub would refuse what
 * is still on its way.
 */

/** A person who stays after all, because uploads run, finds the page at work again after this time. */
export const stayMs = 5_000;

const onTheirWay = new Set<AbortController>();
let back: Promise<void> | null = null;

/** Stops all reads. Resolves if the page is still there after a while; then they are made again. */
export function leave(): Promise<void> {
  back ??= new Promise((resolve) => {
    setTimeout(() => {
      back = null;
      resolve();
    }, stayMs);
  });
  for (const reading of onTheirWay) reading.abort();
  return back;
}

/** Runs a read that `leave` stops. Writes are not stopped: nobody would know whether they were done. */
export async function readWhileHere<Answer>(read: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> {
  for (;;) {
    while (back) await back;
    const reading = new AbortController();
    onTheirWay.add(reading);
    try {
      return await read(reading.signal);
    } catch (error) {
      if (!reading.signal.aborted) throw error;
    } finally {
      onTheirWay.delete(reading);
    }
  }
}
