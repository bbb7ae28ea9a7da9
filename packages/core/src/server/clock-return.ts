/**
 * Repairs times after the clock was set back: times that were planned in the lost future move back, so that no job, lease,
 * plan or limit waits for years. Safe to repeat.
 */
import { and, eq, gt, inArray, isNotNull, isNull, or, sql, type SQL } from 'drizzle-orm';
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core';
import type { Transaction } from '@turnover/db/open';
import { oneTimeLinks, sessions } from '@turnover/db/schema/accounts';
import { assets } from '@turnover/db/schema/assets';
import { entries } from '@turnover/db/schema/entries';
import { jobs, stageRuns } from '@turnover/db/schema/jobs';
import { manifestComparisons } from '@turnover/db/schema/manifests';
import { mails, notifications } from '@turnover/db/schema/notifications';
import { deliveredFiles } from '@turnover/db/schema/requests';
import { invitations } from '@turnover/db/schema/projects';
import { uploads } from '@turnover/db/schema/uploads';
import { inTransaction } from '@turnover/db/transaction';
import { sessionLimits } from '@turnover/domain/people/accounts';
import { jobs as definitions } from '@turnover/domain/server/jobs';
import { reservedForMs } from '@turnover/domain/workspace/upload-space';
import type { Context } from '../context.ts';

/** Smaller corrections of the clock happen regularly and need no repair. */
const toleranceMs = 2000;
/** From this difference on, times of past events are corrected too. */
const largeMs = 60_000;
const longestLeaseMs = Math.max(...Object.values(definitions).map(({ leaseMs }) => leaseMs));

export type ClockWatch = {
  /** Repairs times if the clock went back since the last check. Call it every few seconds. */
  look(): void;
};

/** `seenAt`: the latest time that an earlier process saw; null when there is none. */
export function watchClock(
  ctx: Context,
  seenAt: number | null,
  monotonic: () => number = () => performance.now(),
): ClockWatch {
  let last = seenAt === null ? null : { wall: seenAt, monotonic: monotonic() };
  return {
    look() {
      const now = ctx.clock();
      const ticks = monotonic();
      const expected = last === null ? now : last.wall + (ticks - last.monotonic);
      // `last` stays unchanged until the repair succeeds: if the database is busy now, the next check tries again.
      if (now < expected - toleranceMs) returnFromFuture(ctx, expected);
      last = { wall: now, monotonic: ticks };
    },
  };
}

/** `then`: the time that the clock would show now if it had not been set back. */
export function returnFromFuture(ctx: Context, then: number): void {
  const now = ctx.clock();
  ctx.log('warn', 'clock.setBack', { now, then: Math.round(then) });
  inTransaction(ctx.db, (tx) => {
    bringForward(tx, Math.round(then), now);
    if (then - now >= largeMs) forgetFuture(tx, now);
  });
}

/**
 * SQL for a planned time after the clock went back from `then` to `now`: a time after `then` keeps its distance from the
 * present, a time between `now` and `then` becomes `now`, an earlier one stays.
 */
function forward(column: SQLiteColumn, then: number, now: number): SQL<number> {
  return sql`case when ${column} > ${then} then ${column} - ${then - now} when ${column} > ${now} then ${now} else ${column} end`;
}

function bringForward(tx: Transaction, then: number, now: number): void {
  tx.update(jobs)
    .set({ runAt: forward(jobs.runAt, then, now), turnAt: forward(jobs.runAt, then, now) })
    .where(and(eq(jobs.status, 'waiting'), gt(jobs.runAt, now)))
    .run();
  tx.update(jobs)
    .set({ leaseUntil: now + longestLeaseMs })
    .where(and(eq(jobs.status, 'running'), gt(jobs.leaseUntil, now + longestLeaseMs)))
    .run();
  tx.update(stageRuns)
    .set({
      startAt: forward(stageRuns.startAt, then, now),
      endAt: forward(stageRuns.endAt, then, now),
    })
    .where(and(eq(stageRuns.status, 'running'), or(gt(stageRuns.endAt, now), gt(stageRuns.startAt, now))))
    .run();
  tx.update(manifestComparisons)
    .set({ nextAt: forward(manifestComparisons.nextAt, then, now) })
    .where(gt(manifestComparisons.nextAt, now))
    .run();
  // Limits reservations to the time that an upload gets when a byte arrives now.
  tx.update(uploads)
    .set({ reservedUntil: now + reservedForMs })
    .where(gt(uploads.reservedUntil, now + reservedForMs))
    .run();
  tx.update(mails)
    .set({ nextAttemptAt: forward(mails.nextAttemptAt, then, now) })
    .where(and(eq(mails.status, 'waiting'), gt(mails.nextAttemptAt, now)))
    .run();
  tx.update(notifications)
    .set({ mailDueAt: forward(notifications.mailDueAt, then, now) })
    .where(and(isNotNull(notifications.mailDueAt), gt(notifications.mailDueAt, now)))
    .run();
}

/** Moves events with future times to now. Otherwise they would be pruned only years later. */
function forgetFuture(tx: Transaction, now: number): void {
  const idleUntil = Math.floor((now + sessionLimits.idleMs) / 1000);
  tx.update(sessions)
    .set({ createdAt: now, expiresAt: sql`min(${sessions.expiresAt}, ${idleUntil})` })
    .where(gt(sessions.createdAt, now))
    .run();
  tx.update(sessions).set({ expiresAt: idleUntil }).where(gt(sessions.expiresAt, idleUntil)).run();
  for (const links of [oneTimeLinks, invitations]) {
    tx.update(links)
      .set({ expiresAt: sql`${links.expiresAt} - ${links.createdAt} + ${now}`, createdAt: now })
      .where(gt(links.createdAt, now))
      .run();
  }
  tx.update(uploads)
    .set({ updatedAt: now })
    .where(and(inArray(uploads.status, ['uploading', 'verifying']), gt(uploads.updatedAt, now)))
    .run();
  tx.update(entries)
    .set({ deletedAt: now })
    .where(and(isNotNull(entries.deletedAt), gt(entries.deletedAt, now)))
    .run();
  tx.update(deliveredFiles)
    .set({ removedAt: now })
    .where(and(isNull(deliveredFiles.purgedAt), gt(deliveredFiles.removedAt, now)))
    .run();
  const isMarked = isNotNull(assets.unreferencedAt);
  tx.update(assets)
    .set({ unreferencedAt: now })
    .where(and(isMarked, gt(assets.unreferencedAt, now)))
    .run();
  tx.update(assets)
    .set({ quarantinedAt: now })
    .where(and(isMarked, gt(assets.quarantinedAt, now)))
    .run();
  tx.update(assets).set({ readBackAt: now }).where(gt(assets.readBackAt, now)).run();
}
