// Measures how long a page and an API call take while uploads run at full speed, beside the same hub when it is idle.
import type { BenchHub } from './hub.ts';
import { sayGoal } from './peers.ts';

const idleRequests = 400;
const mostTimes = 3;

/** Measures. `uploads` is called once, and resolves when the uploads are done. */
export async function measurePages(hub: BenchHub, uploads: () => Promise<unknown>): Promise<void> {
  const input = encodeURIComponent(JSON.stringify({ projectId: hub.projectId }));
  const paths = ['/sign-in', `/api/trpc/projects.get?input=${input}`];
  let left = idleRequests;
  const idle = await askWhile(hub, paths, () => left-- > 0);
  let isRunning = true;
  const done = uploads().finally(() => (isRunning = false));
  const busy = await askWhile(hub, paths, () => isRunning);
  await done;
  for (const [what, times] of Object.entries({ idle, 'beside 8 uploads': busy })) {
    const [median, worst] = [percentile(times, 50), percentile(times, 99)];
    console.log(
      `  answers ${what.padEnd(18)} p50 ${median.toFixed(1)} ms, p99 ${worst.toFixed(1)} ms (${times.length} requests)`,
    );
  }
  const times = percentile(busy, 99) / percentile(idle, 99);
  sayGoal(
    'p99 beside uploads, times that of idle',
    times.toFixed(1),
    `at most ${mostTimes}`,
    times <= mostTimes,
  );
}

async function askWhile(hub: BenchHub, paths: readonly string[], goesOn: () => boolean): Promise<number[]> {
  const times: number[] = [];
  for (let count = 0; goesOn(); count++) {
    const startedAt = performance.now();
    const answer = await fetch(hub.address + paths[count % paths.length]!, {
      headers: { Authorization: `Bearer ${hub.token}` },
    });
    if (!answer.ok) throw new Error(`${paths[count % paths.length]} answered ${answer.status}`);
    await answer.arrayBuffer();
    times.push(performance.now() - startedAt);
    // People click now and then. Calls without a pause would measure the load of the calls themselves.
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return times;
}

function percentile(times: readonly number[], percent: number): number {
  const sorted = times.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))]!;
}
