/** What the worker does again and again: shows that it is alive, forgets what has done its work, ends what is over. */
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freeAssets } from '@turnover/core/asset-freeing';
import type { Context } from '@turnover/core/context';
import { pruneSignals } from '@turnover/core/events';
import { pruneJobs } from '@turnover/core/jobs';
import { pruneMails } from '@turnover/core/mails';
import { pruneNotifications } from '@turnover/core/notifications';
import { warnOfDueRequests } from '@turnover/core/request-notices';
import { purgeRemovedFiles } from '@turnover/core/request-trash';
import { expireWorkspaces } from '@turnover/core/retention-expiry';
import { warnOfExpiry } from '@turnover/core/retention-warnings';
import { warnOfEndingShares } from '@turnover/core/share-endings';
import { warnOfIdleUploads } from '@turnover/core/upload-notices';
import { releaseLost } from '@turnover/core/upload-space';
import { purgeOldTrash } from '@turnover/core/workspace-trash';

const aliveEveryMs = 5000;
const pruneEveryMs = 5 * 60_000;

export function startSchedule(ctx: Context, dataFolder: string): { stop(): void } {
  const stopping = new AbortController();
  const { signal } = stopping;
  every(ctx, signal, aliveEveryMs, () => showAlive(ctx, dataFolder));
  every(ctx, signal, pruneEveryMs, async () => {
    pruneSignals(ctx);
    pruneJobs(ctx);
    pruneNotifications(ctx);
    pruneMails(ctx);
  });
  every(ctx, signal, pruneEveryMs, () => endWhatIsOver(ctx));
  return { stop: () => stopping.abort() };
}

/** In this order: whoever loses something has heard of it, and bytes go after what pointed to them. */
export async function endWhatIsOver(ctx: Context): Promise<void> {
  const endingShares = warnOfEndingShares(ctx);
  const dueRequests = warnOfDueRequests(ctx);
  const idleUploads = warnOfIdleUploads(ctx);
  const reservationsLost = await releaseLost(ctx);
  const { warned } = await warnOfExpiry(ctx);
  const { expired } = await expireWorkspaces(ctx);
  const { purged } = await purgeOldTrash(ctx, ctx.limits.trashDays);
  const letGo = purgeRemovedFiles(ctx);
  const { quarantined, freed } = await freeAssets(ctx);
  const uploads = { idleUploads, reservationsLost };
  const did = { endingShares, dueRequests, ...uploads, warned, letGo, expired, purged, quarantined, freed };
  if (Object.values(did).some((number) => number > 0)) ctx.log('info', 'schedule.ended', did);
}

/** Read by `/healthz` of the web process. By rename, so that nobody reads half of it. */
async function showAlive(ctx: Context, dataFolder: string): Promise<void> {
  const path = join(dataFolder, 'worker.json');
  const unfinished = `${path}.${process.pid}`;
  await writeFile(unfinished, JSON.stringify({ at: ctx.clock(), pid: process.pid }), { mode: 0o600 });
  await rename(unfinished, path);
}

/** One that takes longer than its turn is not begun a second time beside itself. */
function every(ctx: Context, signal: AbortSignal, ms: number, act: () => Promise<void>): void {
  let isRunning = false;
  const run = async () => {
    if (isRunning) return;
    isRunning = true;
    try {
      await act();
    } catch (error) {
      // What is stopped in its midst finds the database closed, and goes on where it was after the next start.
      if (!signal.aborted) ctx.log('error', 'schedule.failed', { message: String(error) });
    } finally {
      isRunning = false;
    }
  };
  void run();
  const timer = setInterval(run, ms);
  signal.addEventListener('abort', () => clearInterval(timer));
}
