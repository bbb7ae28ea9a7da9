/**
 * Decides whether the clock is trusted. Everything that deletes by age asks first, because a clock that jumped ten years
 * ahead would empty every trash. The database keeps the latest trusted time, which advances only while the clock is trusted.
 */
import { and, desc, eq, isNull } from 'drizzle-orm';
import { events } from '@turnover/db/schema/events';
import { hub } from '@turnover/db/schema/hub';
import type { Reader } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import {
  confirmWithinMs,
  defaultClockAheadMs,
  defaultClockBehindMs,
  checkClock,
  type ClockView,
} from '@turnover/domain/server/clock';
import { HubError } from '@turnover/domain/errors';
import type { Context } from '../context.ts';
import { notifyOwners } from '../notifications/owners.ts';

type Trusting = Pick<Context, 'db' | 'clock' | 'limits'>;

/** How often the latest trusted time is stored. Not more often, because each update is a commit. */
const noteEveryMs = 10 * 60_000;

export function describeClock({ db, clock, limits }: Trusting): ClockView {
  const now = clock();
  const believedAt = readHub(db)?.clockAt ?? null;
  const verdict = checkClock(now, believedAt, {
    aheadMs: limits.clockAheadMs ?? defaultClockAheadMs,
    behindMs: limits.clockBehindMs ?? defaultClockBehindMs,
  });
  return { verdict, now, believedAt };
}

export function isClockTrusted(ctx: Trusting): boolean {
  return describeClock(ctx).verdict === 'right';
}

/** Records that the clock is trusted, or notifies the owners once that it is not. Call it regularly. */
export function keepClock(ctx: Context): void {
  const row = readHub(ctx.db);
  if (!row) return;
  if (row.clockAt === null) begin(ctx, row.id);
  const { verdict, now, believedAt } = describeClock(ctx);
  if (verdict !== 'right') distrust(ctx, row, now);
  else if (row.clockDistrustedAt !== null || believedAt === null || Math.abs(now - believedAt) >= noteEveryMs)
    believe(ctx, row.id, now);
}

/** Trusts the time that an owner confirms. Throws `conflict` when the clock has moved on from the time they were shown. */
export function confirmClock(ctx: Context, { now: confirmed }: { now: number }): void {
  const now = ctx.clock();
  if (Math.abs(now - confirmed) > confirmWithinMs) {
    throw new HubError('conflict', 'The clock has changed in the meantime. Check it again.');
  }
  const row = readHub(ctx.db);
  if (row) believe(ctx, row.id, now);
  ctx.log('info', 'clock.confirmed', { now });
}

/** Starts from the time of the last event when no trusted time is stored yet. */
function begin(ctx: Context, hubId: string): void {
  const newest = ctx.db.select({ at: events.at }).from(events).orderBy(desc(events.id)).limit(1).get();
  const clockAt = newest?.at ?? ctx.clock();
  inTransaction(ctx.db, (tx) =>
    tx
      .update(hub)
      .set({ clockAt })
      .where(and(eq(hub.id, hubId), isNull(hub.clockAt)))
      .run(),
  );
}

function believe(ctx: Context, hubId: string, now: number): void {
  inTransaction(ctx.db, (tx) =>
    tx.update(hub).set({ clockAt: now, clockDistrustedAt: null }).where(eq(hub.id, hubId)).run(),
  );
}

function distrust(ctx: Context, row: typeof hub.$inferSelect, now: number): void {
  if (row.clockDistrustedAt !== null) return;
  ctx.log('error', 'clock.distrusted', { now, believedAt: row.clockAt });
  inTransaction(ctx.db, (tx) => {
    const { changes } = tx
      .update(hub)
      .set({ clockDistrustedAt: now })
      .where(and(eq(hub.id, row.id), isNull(hub.clockDistrustedAt)))
      .run();
    const data = { now, believedAt: row.clockAt!, href: '/projects' };
    if (changes === 1) notifyOwners(tx, ctx, { kind: 'clock.distrusted', data });
  });
}

function readHub(db: Reader): typeof hub.$inferSelect | undefined {
  return db.select().from(hub).limit(1).get();
}
