// `/healthz`: 200 when every part works, otherwise 503 and the failing parts. Anybody may ask, so it reveals neither paths nor
// sizes, and checks at most once a second.
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { isClockTrusted } from '@turnover/core/server/clock-trust';
import type { Context } from '@turnover/core/context';
import { areFoldersThere, probeFolder } from '@turnover/core/folder-state';
import { requireWritable } from '@turnover/core/write-gate';
import { HubError } from '@turnover/domain/errors';
import { faultReasonOf, type FaultReason } from '@turnover/domain/requests/system-faults';

type Verdict = 'ok' | 'down';
export type Health = {
  status: Verdict;
  web: Verdict;
  /** The database can be read and written. */
  database: Verdict;
  worker: Verdict;
  /** The folders exist, belong to this hub and can be written. */
  storage: Verdict;
  /** `low`: uploads are refused, other changes work. `full`: nothing can be written. */
  space: 'ok' | 'low' | 'full';
  /** `distrusted`: nothing expires until an owner confirms the time. */
  clock: 'ok' | 'distrusted';
  /** What the system refuses, as the API's error reasons. */
  reasons: FaultReason[];
};

export type HealthReader = () => Promise<Health>;

type Folder = {
  hubId: string;
  reserve: { isWhole(): boolean; heldBytes(): number; freeBytes(): number };
};

/** A worker that has not written its heartbeat for this long counts as silent. It writes one every five seconds. */
const silentAfterMs = 30_000;
/**
 * How long to wait for the database lock. Other writers finish sooner; a process that holds the lock for longer delays
 * people.
 */
const lockedAfterMs = 500;
const freshMs = 1000;

/**
 * Returns a reader of the hub's health. Simultaneous requests, or requests shortly after each other, get the same
 * answer.
 */
export function healthReader(ctx: Context, dataFolder: string, folder: Folder): HealthReader {
  let latest: Promise<Health> | undefined;
  let readAt = -Infinity;
  return () => {
    if (latest && performance.now() - readAt < freshMs) return latest;
    readAt = performance.now();
    return (latest = readHealth(ctx, dataFolder, folder));
  };
}

export async function readHealth(ctx: Context, dataFolder: string, folder: Folder): Promise<Health> {
  const [database, worker, refused] = await Promise.all([
    readDatabase(ctx),
    readWorker(ctx, dataFolder),
    probeFolder(dataFolder),
  ]);
  const lost = readFolders(dataFolder, folder);
  const isFull = refused === 'disk_full' || refused === 'quota';
  const parts = {
    web: 'ok' as const,
    database: verdict(database === null),
    worker: verdict(worker),
    storage: verdict(lost === null && (refused === null || isFull)),
    space: readSpace(ctx, folder, isFull),
    clock: isTrusted(ctx) ? ('ok' as const) : ('distrusted' as const),
  };
  const space = parts.space === 'ok' ? null : ('disk_full' as const);
  const found = [database, refused ?? space, lost];
  const reasons = [...new Set(found.filter((reason) => reason !== null))];
  const status = verdict(Object.values(parts).every((part) => part === 'ok'));
  return { status, ...parts, reasons };
}

export async function answerHealth(read: HealthReader, response: ServerResponse): Promise<void> {
  const health = await read();
  response
    .writeHead(health.status === 'ok' ? 200 : 503, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      ...(health.status !== 'ok' && { 'retry-after': '5' }),
    })
    .end(`${JSON.stringify(health)}\n`);
}

/** Whether each part is well, for the metrics. */
export function partsOf({ database, worker, storage, space, clock }: Health): Record<string, boolean> {
  const parts = { database, worker, storage, space, clock };
  return Object.fromEntries(Object.entries(parts).map(([part, state]) => [part, state === 'ok']));
}

const verdict = (isWell: boolean): Verdict => (isWell ? 'ok' : 'down');

/** Returns null when the database works. */
async function readDatabase(ctx: Context): Promise<FaultReason | null> {
  try {
    ctx.db.$client.prepare('select count(*) from sqlite_schema').get();
    await requireWritable(ctx, lockedAfterMs);
    return null;
  } catch (error) {
    ctx.log('error', 'health.databaseFailed', { message: (error as Error).message });
    const known = error instanceof HubError ? (error.details.reason as FaultReason) : faultReasonOf(error);
    return known ?? 'disk_error';
  }
}

/** Returns null when all folders exist. */
function readFolders(dataFolder: string, { hubId }: Folder): FaultReason | null {
  try {
    return areFoldersThere(dataFolder, hubId) ? null : 'not_there';
  } catch (error) {
    return faultReasonOf(error) ?? 'disk_error';
  }
}

async function readWorker(ctx: Context, dataFolder: string): Promise<boolean> {
  try {
    const { at } = JSON.parse(await readFile(join(dataFolder, 'worker.json'), 'utf8')) as { at: number };
    return Math.abs(ctx.clock() - at) <= silentAfterMs;
  } catch {
    // No worker has used this data folder yet.
    return false;
  }
}

/** Reports an almost full disk as well, because the hub already refuses uploads then. */
function readSpace(ctx: Context, { reserve }: Folder, isFull: boolean): Health['space'] {
  try {
    if (isFull && reserve.heldBytes() === 0) return 'full';
    const isLow = isFull || !reserve.isWhole() || reserve.freeBytes() <= ctx.limits.spaceReserveBytes;
    return isLow ? 'low' : 'ok';
  } catch {
    return 'full';
  }
}

function isTrusted(ctx: Context): boolean {
  try {
    return isClockTrusted(ctx);
  } catch {
    // The database check reports this fault.
    return true;
  }
}
