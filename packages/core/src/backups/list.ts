/** The backups as owners see them: the records of the worker, and the files in the folder. */
import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { desc } from 'drizzle-orm';
import { backupsFolder } from '@turnover/db/data-folder';
import { backupRuns } from '@turnover/db/schema/backups';
import {
  failureByFault,
  maxListedBackups,
  nextTimeOfDay,
  type BackupCause,
  type BackupFailure,
  type BackupsView,
  type BackupView,
  type TimeOfDay,
} from '@turnover/domain/server/backups';
import { faultReasonOf } from '@turnover/domain/requests/system-faults';
import type { Context } from '../context.ts';
import { latestRestore } from './latest-restore.ts';
import { timeInName, timeOfName } from './folder.ts';

type Found = { name: string; at: number; sizeBytes: number };
type Run = typeof backupRuns.$inferSelect;

export async function listBackups(ctx: Context): Promise<BackupsView> {
  const { folder, at, kept } = ctx.backups;
  const runs = ctx.db
    .select()
    .from(backupRuns)
    .orderBy(desc(backupRuns.createdAt))
    .limit(maxListedBackups)
    .all();
  const { found, problem } = await readFolders([folder, backupsFolder(dirname(ctx.db.$client.name))]);
  const recorded = new Set(runs.map(({ name }) => name));
  const views = [
    ...runs.map((run) => viewOfRun(run, found)),
    ...[...found.values()].filter(({ name }) => !recorded.has(name)).map(viewOfFile),
  ];
  return {
    dailyAt: at && wordsOf(at),
    nextAt: at && nextTimeOfDay(ctx.clock(), at),
    kept,
    folder,
    canRestore: ctx.pause !== undefined,
    latestRestore: latestRestore(ctx.db),
    // The worker makes the folder with the first backup.
    folderProblem: runs.some(({ status }) => status === 'made') ? problem : null,
    backups: views.sort((a, b) => b.at - a.at).slice(0, maxListedBackups),
  };
}

function viewOfRun(run: Run, found: ReadonlyMap<string, Found>): BackupView {
  const { name, dueAt, createdAt, startedAt, endedAt, status, sizeBytes, assets, failure } = run;
  return {
    name: name ?? run.id,
    at: dueAt === null ? createdAt : (startedAt ?? createdAt),
    cause: dueAt === null ? 'person' : 'schedule',
    state: status === 'made' && !found.has(name ?? '') ? 'removed' : status,
    sizeBytes,
    durationMs: startedAt === null || endedAt === null ? null : Math.max(0, endedAt - startedAt),
    assets,
    failure,
  };
}

function viewOfFile({ name, at, sizeBytes }: Found): BackupView {
  return {
    name,
    at,
    cause: causeOfName(name),
    state: 'kept',
    sizeBytes,
    durationMs: null,
    assets: null,
    failure: null,
  };
}

function causeOfName(name: string): BackupCause {
  if (timeOfName(name) !== null) return 'schedule';
  if (/-before-restore\.db$/.test(name)) return 'restore';
  return /-before-\d{4}_\w+\.db$/.test(name) ? 'update' : 'other';
}

/** The database files of all backups in these folders. `problem`: why the first folder cannot be read. */
async function readFolders(folders: readonly string[]) {
  const found = new Map<string, Found>();
  let problem: BackupFailure | null = null;
  for (const [index, folder] of [...new Set(folders)].entries()) {
    try {
      for (const name of (await readdir(folder)).filter((each) => each.endsWith('.db'))) {
        const { size, mtimeMs } = await stat(join(folder, name));
        // A restore takes the one of the first folder too.
        if (found.has(name)) continue;
        found.set(name, { name, at: timeInName(name) ?? Math.round(mtimeMs), sizeBytes: size });
      }
    } catch (error) {
      const fault = faultReasonOf(error);
      if (index === 0) problem = fault ? failureByFault[fault] : 'unknown';
    }
  }
  return { found, problem };
}

function wordsOf({ hours, minutes }: TimeOfDay): string {
  return [hours, minutes].map((part) => String(part).padStart(2, '0')).join(':');
}
