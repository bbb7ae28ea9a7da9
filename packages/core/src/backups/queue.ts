/** Queues backups: those of the schedule, and those that an owner asks for. At most one is waiting or running. */
import { and, desc, eq, inArray, isNotNull, lte } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { backupRuns } from '@turnover/db/schema/backups';
import { jobs } from '@turnover/db/schema/jobs';
import { hub } from '@turnover/db/schema/hub';
import { inTransaction } from '@turnover/db/transaction';
import { latestTimeOfDay } from '@turnover/domain/server/backups';
import type { Context, PersonContext } from '../context.ts';
import { enqueue, liveKeysAmong } from '../jobs.ts';

const dedupeKey = 'backup';

/**
 * Queues the scheduled backup when its time has come, or had come while the hub was off. Runs of a later time than now are
 * ignored: the clock was wrong when they were due.
 */
export function queueDueBackup(ctx: Context): boolean {
  if (ctx.backups.at === null) return false;
  const now = ctx.clock();
  const dueAt = latestTimeOfDay(now, ctx.backups.at);
  const createdAt = ctx.db.select({ at: hub.createdAt }).from(hub).limit(1).get()?.at;
  // A new hub has nothing to lose yet.
  if (createdAt === undefined || createdAt >= dueAt) return false;
  const latest = ctx.db
    .select({ dueAt: backupRuns.dueAt })
    .from(backupRuns)
    .where(and(isNotNull(backupRuns.dueAt), lte(backupRuns.dueAt, now)))
    .orderBy(desc(backupRuns.dueAt))
    .limit(1)
    .get();
  if (latest && latest.dueAt! >= dueAt) return false;
  return inTransaction(ctx.db, (tx) => queue(tx, ctx, { dueAt, askedBy: null }));
}

/** Queues a backup for an owner. `isNew` is false when one is already waiting or running. */
export function backUpNow(ctx: PersonContext): { isNew: boolean } {
  const isNew = inTransaction(ctx.db, (tx) => queue(tx, ctx, { dueAt: null, askedBy: ctx.person.id }));
  return { isNew };
}

/** Forgets the backups under way in a restored database: it was copied while the worker made the backup. */
export function forgetUnfinished(tx: Transaction): void {
  tx.delete(jobs).where(eq(jobs.dedupeKey, dedupeKey)).run();
  tx.delete(backupRuns)
    .where(inArray(backupRuns.status, ['waiting', 'running']))
    .run();
}

function queue(
  tx: Transaction,
  ctx: Context,
  cause: Pick<typeof backupRuns.$inferInsert, 'dueAt' | 'askedBy'>,
): boolean {
  if (liveKeysAmong(tx, [dedupeKey]).size > 0) return false;
  const backupId = ctx.newId('backup');
  tx.insert(backupRuns)
    .values({ id: backupId, status: 'waiting', createdAt: ctx.clock(), ...cause })
    .run();
  enqueue(tx, ctx, 'makeBackup', { backupId }, { dedupeKey });
  return true;
}
