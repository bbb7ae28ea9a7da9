/** The numbers about the whole hub that its metrics state. They name nothing and nobody. */
import { statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { and, count, eq, gt, max, min, sql } from 'drizzle-orm';
import type { Database, Reader } from '@turnover/db/open';
import { sessions } from '@turnover/db/schema/accounts';
import { backupRuns } from '@turnover/db/schema/backups';
import { damages, examinations } from '@turnover/db/schema/damages';
import { hub } from '@turnover/db/schema/hub';
import { mails } from '@turnover/db/schema/notifications';
import { uploads } from '@turnover/db/schema/uploads';
import { damageWords, type DamageKind } from '@turnover/domain/server/damages';
import { mailFailuresShownMs } from '@turnover/domain/server/server';
import type { Context } from '../context.ts';
import { queueDepth } from '../jobs.ts';
import { isInForce } from '../session-in-force.ts';
import { laneQueues } from './capabilities.ts';

export type Figures = ReturnType<typeof figuresOfDatabase> & {
  disk: { freeBytes: number; sizeBytes: number };
};

export async function readFigures(ctx: Pick<Context, 'db' | 'clock'>): Promise<Figures> {
  const disk = await statfs(dirname(ctx.db.$client.name));
  return {
    ...figuresOfDatabase(ctx),
    disk: { freeBytes: disk.bavail * disk.bsize, sizeBytes: disk.blocks * disk.bsize },
  };
}

function figuresOfDatabase({ db, clock }: Pick<Context, 'db' | 'clock'>) {
  const now = clock();
  return {
    uploads: liveUploads(db),
    lanes: laneQueues(db, now).map(({ waitingSince, ...queue }) => ({
      ...queue,
      oldestAgeMs: ageOf(waitingSince, now),
    })),
    deadJobs: queueDepth(db, now).dead,
    mails: outbox(db, now),
    sessions: numberOfSessions(db, now),
    databaseBytes: databaseBytes(db),
    backupAgeMs: ageOf(lastBackup(db), now),
    examinationAgeMs: ageOf(lastExamination(db), now),
    damages: damagesByKind(db),
  };
}

/** A clock that was set back gives no negative age. Nothing has the age 0. */
function ageOf(since: number | null, now: number): number {
  return since === null ? 0 : Math.max(0, now - since);
}

function liveUploads(db: Reader) {
  // Literals, because SQLite does not use the partial index with bound parameters.
  const numberOf = (status: 'uploading' | 'verifying') =>
    db
      .select({
        number: count(),
        missingBytes: sql<number>`coalesce(sum(${uploads.sizeBytes} - ${uploads.durableOffset}), 0)`,
      })
      .from(uploads)
      .where(sql`${uploads.status} = ${sql.raw(`'${status}'`)}`)
      .get()!;
  const uploading = numberOf('uploading');
  return {
    uploading: uploading.number,
    verifying: numberOf('verifying').number,
    missingBytes: uploading.missingBytes,
  };
}

function outbox(db: Reader, now: number) {
  const waiting = db
    .select({ number: count(), since: min(mails.createdAt) })
    .from(mails)
    .where(eq(mails.status, 'waiting'))
    .get()!;
  const failed = db
    .select({ number: count() })
    .from(mails)
    .where(and(eq(mails.status, 'failed'), gt(mails.nextAttemptAt, now - mailFailuresShownMs)))
    .get()!;
  return { waiting: waiting.number, failed: failed.number, oldestAgeMs: ageOf(waiting.since, now) };
}

function numberOfSessions(db: Reader, now: number): number {
  return db.select({ number: count() }).from(sessions).where(isInForce(now)).get()!.number;
}

function databaseBytes({ $client }: Database): number {
  const pages = $client.pragma('page_count', { simple: true }) as number;
  const pageBytes = $client.pragma('page_size', { simple: true }) as number;
  return pages * pageBytes + (statSync(`${$client.name}-wal`, { throwIfNoEntry: false })?.size ?? 0);
}

/** The last backup, or the beginning of a hub that never made one. */
function lastBackup(db: Reader): number | null {
  const isMade = eq(backupRuns.status, 'made');
  const made = db
    .select({ at: max(backupRuns.endedAt) })
    .from(backupRuns)
    .where(isMade)
    .get();
  return made?.at ?? db.select({ at: hub.createdAt }).from(hub).get()?.at ?? null;
}

function lastExamination(db: Reader): number | null {
  return db.select({ at: examinations.endedAt }).from(examinations).get()?.at ?? null;
}

function damagesByKind(db: Reader): Record<DamageKind, number> {
  const found = db.select({ kind: damages.kind, number: count() }).from(damages).groupBy(damages.kind).all();
  const none = Object.keys(damageWords).map((kind) => [kind, 0]);
  return Object.fromEntries([...none, ...found.map(({ kind, number }) => [kind, number])]) as Record<
    DamageKind,
    number
  >;
}
