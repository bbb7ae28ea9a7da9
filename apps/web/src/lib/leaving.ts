/**
 * Stops reads when a page leaves for good: its session may end before the next page opens, and the hub would refuse
 * pending calls.
 */

/** The page continues after this time if the person stays after all, because uploads run. */
export const stayMs = 5_000;

const onTheirWay = new Set<AbortController>();
let back: Promise<void> | null = null;

/** Stops all reads. Resolves if the page still exists after a while; the reads are then repeated. */
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

/** Runs a read that `leave` can stop. Writes are not stopped, because it would be unknown whether they took effect. */
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
