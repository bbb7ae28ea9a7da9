/** Waits for a hub that stops, restores a backup and starts again. */
import { isReachable } from '#lib/live/reachable.ts';

const everyMs = 1000;
/** A restart can be quicker than the questions. */
const longestUnseenMs = 20_000;

/** Resolves when the hub answers again after it did not. */
export async function whenBack(
  isAnswering: () => Promise<boolean> = isReachable,
  wait: (ms: number) => Promise<void> = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
): Promise<void> {
  let wasDown = false;
  for (let waited = 0; ; waited += everyMs) {
    const answers = await isAnswering();
    if (answers && (wasDown || waited >= longestUnseenMs)) return;
    wasDown ||= !answers;
    await wait(everyMs);
  }
}
