/** What the worker does again and again: shows that it is alive, and forgets what has done its work. */
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '@turnover/core/context';
import { pruneSignals } from '@turnover/core/events';
import { pruneJobs } from '@turnover/core/jobs';

const aliveEveryMs = 5000;
const pruneEveryMs = 5 * 60_000;

export function startSchedule(ctx: Context, dataFolder: string): { stop(): void } {
  const timers = [
    every(ctx, aliveEveryMs, () => showAlive(ctx, dataFolder)),
    every(ctx, pruneEveryMs, async () => {
      pruneSignals(ctx);
      pruneJobs(ctx);
    }),
  ];
  return {
    stop() {
      for (const timer of timers) clearInterval(timer);
    },
  };
}

/** Read by `/healthz` of the web process. By rename, so that nobody reads half of it. */
async function showAlive(ctx: Context, dataFolder: string): Promise<void> {
  const path = join(dataFolder, 'worker.json');
  const unfinished = `${path}.${process.pid}`;
  await writeFile(unfinished, JSON.stringify({ at: ctx.clock(), pid: process.pid }), { mode: 0o600 });
  await rename(unfinished, path);
}

function every(ctx: Context, ms: number, act: () => Promise<void>): NodeJS.Timeout {
  const run = () =>
    act().catch((error: unknown) => ctx.log('error', 'schedule.failed', { message: String(error) }));
  void run();
  return setInterval(run, ms);
}
