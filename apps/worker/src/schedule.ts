/** The recurring tasks of the worker: writes the heartbeat, deletes old records, and expires what is due. */
import { readFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { audited } from '@turnover/core/audit/record';
import { sealAuditLog } from '@turnover/core/audit/seals';
import { freeAssets } from '@turnover/core/assets/freeing';
import { queueDueBackup } from '@turnover/core/backups/queue';
import { watchClock } from '@turnover/core/server/clock-return';
import { isClockTrusted, keepClock } from '@turnover/core/server/clock-trust';
import type { Context } from '@turnover/core/context';
import { examineWhenDue } from '@turnover/core/doctor/examinations';
import { pruneSignals } from '@turnover/core/events';
import { pruneJobs } from '@turnover/core/jobs';
import { compareOldLists } from '@turnover/core/manifests/queue';
import { pruneLinks } from '@turnover/core/people/links';
import { pruneSignIns } from '@turnover/core/people/sign-ins';
import { pruneMails } from '@turnover/core/notifications/mails';
import { pruneNotifications } from '@turnover/core/notifications/inbox';
import { warnOfDueRequests } from '@turnover/core/requests/notices';
import { purgeRemovedFiles } from '@turnover/core/requests/files/trash';
import { expireWorkspaces } from '@turnover/core/retention/expiry';
import { warnOfExpiry } from '@turnover/core/retention/warnings';
import { signalEndedShares, warnOfEndingShares } from '@turnover/core/shares/endings';
import { warnOfIdleUploads } from '@turnover/core/uploads/notices';
import { releaseLost } from '@turnover/core/uploads/space';
import type { StorageCare } from '@turnover/core/storage-care';
import { purgeOldTrash } from '@turnover/core/workspace/trash-end';
import { purgeOldVersions } from '@turnover/core/workspace/versions';
import { dayMs } from '@turnover/domain/days';
import { faultReasonOf } from '@turnover/domain/requests/system-faults';

const aliveEveryMs = 5000;
const pruneEveryMs = 5 * 60_000;
const lookForBackupMs = 30_000;
/** Longer than any attempt at a stage takes, so older preview folders are no longer in use. */
const attemptMs = 2 * dayMs;

export function startSchedule(ctx: Context, dataFolder: string, care: StorageCare): { stop(): void } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const lastSeenAlive = lastAlive(dataFolder);
  const clock = watchClock(ctx, lastSeenAlive);
  every(ctx, signal, aliveEveryMs, async () => {
    await showAlive(ctx, dataFolder);
    clock.look();
    keepClock(ctx);
  });
  // Begins at the last heartbeat, because shares may have ended while no worker was running.
  let lookedAt = lastSeenAlive ?? ctx.clock();
  every(ctx, signal, aliveEveryMs, async () => {
    const now = ctx.clock();
    signalEndedShares(ctx, lookedAt);
    lookedAt = now;
  });
  every(ctx, signal, pruneEveryMs, async () => {
    if (!isClockTrusted(ctx)) return;
    pruneSignals(ctx);
    pruneJobs(ctx);
    pruneNotifications(ctx);
    pruneMails(ctx);
    pruneLinks(ctx);
    pruneSignIns(ctx);
    compareOldLists(ctx);
    sealAuditLog(ctx);
  });
  every(ctx, signal, pruneEveryMs, () => endWhatIsOver(ctx));
  every(ctx, signal, aliveEveryMs, async () => {
    await examineWhenDue(ctx, care);
  });
  every(ctx, signal, lookForBackupMs, async () => void queueDueBackup(ctx));
  return { stop: () => stopping.abort() };
}

/**
 * Expires and deletes in this order: people are warned before they lose something, and bytes are deleted after the rows that
 * use them.
 */
export async function endWhatIsOver(ctx: Context): Promise<void> {
  // With a wrong clock, everything would look expired.
  if (!isClockTrusted(ctx)) return;
  const endingShares = warnOfEndingShares(ctx);
  const dueRequests = warnOfDueRequests(ctx);
  const idleUploads = warnOfIdleUploads(ctx);
  const reservationsLost = await releaseLost(ctx);
  const { warned } = await warnOfExpiry(ctx);
  const { expired } = await expireWorkspaces(byTheHub(ctx, 'hub.expireWorkspaces'));
  const { purged } = await purgeOldTrash(byTheHub(ctx, 'hub.purgeTrash'), ctx.limits.trashDays);
  const versions = await purgeOldVersions(byTheHub(ctx, 'hub.purgeVersions'));
  const letGo = purgeRemovedFiles(byTheHub(ctx, 'hub.purgeRemovedFiles'));
  const { quarantined, freed } = await freeAssets(ctx);
  const previewFolders = await ctx.storage.removeOldPreviewFolders(ctx.clock() - attemptMs);
  const uploads = { idleUploads, reservationsLost };
  const did = {
    endingShares,
    dueRequests,
    ...uploads,
    warned,
    letGo,
    expired,
    purged,
    versions,
    quarantined,
    freed,
    previewFolders,
  };
  if (Object.values(did).some((number) => number > 0)) ctx.log('info', 'schedule.ended', did);
}

/** What is deleted for good because its time has passed leaves one entry in the audit log for each run. */
function byTheHub(ctx: Context, action: string): Context {
  return audited(ctx, () => ({ action, actor: null }));
}

const alivePath = (dataFolder: string) => join(dataFolder, 'worker.json');

/**
 * Writes the heartbeat file that `/healthz` of the web process reads. Renames it into place, so readers never see an
 * incomplete one.
 */
async function showAlive(ctx: Context, dataFolder: string): Promise<void> {
  const path = alivePath(dataFolder);
  const unfinished = `${path}.${process.pid}`;
  const text = JSON.stringify({ at: ctx.clock(), pid: process.pid });
  try {
    await writeFile(unfinished, text, { mode: 0o600 });
    await rename(unfinished, path);
  } catch (error) {
    if (faultReasonOf(error) !== 'disk_full') throw error;
    // A full disk has no space for a new file, but the existing one can be overwritten.
    await rm(unfinished, { force: true });
    await writeFile(path, text, { flag: 'r+' });
  }
}

/** The time of the last heartbeat of a worker on this folder; null without one. */
function lastAlive(dataFolder: string): number | null {
  try {
    const { at } = JSON.parse(readFileSync(alivePath(dataFolder), 'utf8')) as { at?: unknown };
    return typeof at === 'number' ? at : null;
  } catch {
    return null;
  }
}

/** Calls `act` regularly. Skips a call while the previous one is still running. */
function every(ctx: Context, signal: AbortSignal, ms: number, act: () => Promise<void>): void {
  let isRunning = false;
  const run = async () => {
    if (isRunning) return;
    isRunning = true;
    try {
      await act();
    } catch (error) {
      // Ignores errors after the stop, because the database is closed. The next start continues the work.
      if (!signal.aborted) ctx.log('error', 'schedule.failed', { message: String(error) });
    } finally {
      isRunning = false;
    }
  };
  void run();
  const timer = setInterval(run, ms);
  signal.addEventListener('abort', () => clearInterval(timer));
}
