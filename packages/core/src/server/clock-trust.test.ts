import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { oneTimeLinks, sessions } from '@turnover/db/schema/accounts';
import { entries } from '@turnover/db/schema/entries';
import { hub as hubTable } from '@turnover/db/schema/hub';
import { jobs, stageRuns } from '@turnover/db/schema/jobs';
import { notifications } from '@turnover/db/schema/notifications';
import { inTransaction } from '@turnover/db/transaction';
import { dayMs } from '@turnover/domain/days';
import { checkClock } from '@turnover/domain/server/clock';
import { watchClock, returnFromFuture } from './clock-return.ts';
import { confirmClock, describeClock, isClockTrusted, keepClock } from './clock-trust.ts';
import type { Person } from '../context.ts';
import { claim, enqueue, nextDueAt } from '../jobs.ts';
import { readSession, startSession } from '../people/sessions.ts';
import { testHub, type TestHub } from '../testing/hub.ts';

const origin = () => ({ method: 'password', factor: null, userAgent: '' }) as const;

const tenYears = 3652 * dayMs;
let hub: TestHub;
let owner: Person;
beforeEach(async () => {
  hub = await testHub();
  hub.db
    .insert(hubTable)
    .values({ id: hub.ctx.newId('hub'), createdAt: hub.clock.now })
    .run();
  owner = hub.createPerson({ isOwner: true });
});
afterEach(() => hub.close());

const notificationRows = () => hub.db.select().from(notifications).all();

test.each([
  [0, null, 'right'],
  [7 * dayMs, 0, 'right'],
  [7 * dayMs + 1, 0, 'ahead'],
  [0, dayMs, 'right'],
  [0, dayMs + 1, 'behind'],
  [Number.MAX_SAFE_INTEGER, 0, 'ahead'],
  [0, Number.MAX_SAFE_INTEGER, 'behind'],
  [-1, 0, 'right'],
] as const)('at %i with a trusted time of %s: %s', (now, believedAt, verdict) => {
  expect(checkClock(now, believedAt, { aheadMs: 7 * dayMs, behindMs: dayMs })).toBe(verdict);
});

describe('the clock', () => {
  test('is trusted at first, and as days pass', () => {
    for (let day = 0; day < 60; day++) {
      keepClock(hub.ctx);
      expect(isClockTrusted(hub.ctx)).toBe(true);
      hub.clock.advance(dayMs);
    }
    expect(notificationRows()).toEqual([]);
  });

  test.each([
    ['ten years ahead', tenYears, 'ahead'],
    ['nine days ahead', 9 * dayMs, 'ahead'],
    ['ten years behind', -tenYears, 'behind'],
    ['at 1970', -Date.UTC(2026, 0, 12, 9), 'behind'],
  ] as const)(
    'a clock that is %s is not trusted, owners are notified once, and the correct time ends it',
    (_, by, verdict) => {
      keepClock(hub.ctx);
      hub.clock.advance(by);
      keepClock(hub.ctx);
      keepClock(hub.ctx);
      hub.clock.advance(dayMs);
      keepClock(hub.ctx);
      expect(describeClock(hub.ctx).verdict).toBe(verdict);
      expect(notificationRows()).toMatchObject([{ userId: owner.id, kind: 'clock.distrusted' }]);
      hub.clock.advance(-by - dayMs);
      keepClock(hub.ctx);
      expect(isClockTrusted(hub.ctx)).toBe(true);
      expect(hub.db.select().from(hubTable).get()!.clockDistrustedAt).toBeNull();
    },
  );

  test('is trusted once an owner confirms the time that they saw, but no other time', () => {
    keepClock(hub.ctx);
    hub.clock.advance(30 * dayMs);
    keepClock(hub.ctx);
    expect(() => confirmClock(hub.ctx, { now: hub.clock.now - dayMs })).toThrow('in the meantime');
    expect(isClockTrusted(hub.ctx)).toBe(false);
    confirmClock(hub.ctx, { now: hub.clock.now - 1000 });
    expect(isClockTrusted(hub.ctx)).toBe(true);
    hub.clock.advance(20 * dayMs);
    keepClock(hub.ctx);
    expect(notificationRows()).toHaveLength(2);
  });

  test('deletes no session while it is not trusted', async () => {
    hub.clock.now = Date.now() - tenYears;
    const { token } = await startSession(hub.ctx, owner.id, origin);
    const late = Math.floor((Date.now() - tenYears) / 1000);
    hub.db.update(sessions).set({ expiresAt: late }).run();
    keepClock(hub.ctx);
    hub.clock.now = Date.now();
    expect(await readSession(hub.ctx, token)).toBeNull();
    await startSession(hub.ctx, owner.id, origin);
    expect(hub.db.select().from(sessions).all()).toHaveLength(2);
  });
});

describe('a clock that was set back', () => {
  const payload = { requestId: 'req_22222222222222222222222222' };

  /** Watches the clock as the worker does, with a monotonic clock that never jumps. */
  function watched() {
    let monotonic = 0;
    const watch = watchClock(hub.ctx, null, () => monotonic);
    watch.look();
    return (wallMs: number, monotonicMs = 5000) => {
      hub.clock.advance(wallMs);
      monotonic += monotonicMs;
      watch.look();
    };
  }

  test('a job from the lost future becomes due when it would have been due', () => {
    const look = watched();
    look(tenYears);
    inTransaction(hub.db, (tx) => {
      enqueue(tx, hub.ctx, 'processRound', { ...payload, round: 1 }, { runAt: hub.clock.now + 60_000 });
      enqueue(tx, hub.ctx, 'removeFiles', payload, { runAt: hub.clock.now - 1000 });
    });
    look(5000 - tenYears);
    expect(claim(hub.ctx)?.kind).toBe('removeFiles');
    expect(
      hub.db.select().from(jobs).where(eq(jobs.kind, 'processRound')).get()!.runAt - hub.clock.now,
    ).toBeLessThanOrEqual(60_000);
  });

  test('the lease of a vanished worker expires', () => {
    const look = watched();
    look(tenYears);
    inTransaction(hub.db, (tx) => enqueue(tx, hub.ctx, 'removeFiles', payload));
    expect(claim(hub.ctx)).not.toBeNull();
    look(-tenYears);
    expect(nextDueAt(hub.db)! - hub.clock.now).toBeLessThanOrEqual(20_001);
    hub.clock.advance(20_002);
    expect(claim(hub.ctx)).not.toBeNull();
  });

  test('a correction of a second, a sleeping machine and normal time change nothing', () => {
    const runAt = hub.clock.now + dayMs;
    inTransaction(hub.db, (tx) => enqueue(tx, hub.ctx, 'removeFiles', payload, { runAt }));
    const look = watched();
    look(4000);
    look(dayMs / 2, 5000);
    look(5000);
    expect(hub.db.select().from(jobs).get()!.runAt).toBe(runAt);
  });

  test('is also detected after a start, from the time that the last worker recorded', () => {
    inTransaction(hub.db, (tx) =>
      enqueue(tx, hub.ctx, 'removeFiles', payload, { runAt: hub.clock.now + tenYears + 1 }),
    );
    watchClock(hub.ctx, hub.clock.now + tenYears).look();
    expect(claim(hub.ctx)).toBeNull();
    hub.clock.advance(1);
    expect(claim(hub.ctx)).not.toBeNull();
  });

  test('records from the lost future are not kept for years', async () => {
    const before = Date.now();
    hub.clock.now = before + tenYears;
    const project = hub.createProject();
    const person = hub.createPerson({ project });
    const { token } = await startSession(hub.ctx, person.id, origin);
    hub.db
      .update(sessions)
      .set({ expiresAt: Math.floor((before + 2 * tenYears) / 1000) })
      .run();
    const link = {
      id: 'lnk_1',
      kind: 'reset' as const,
      tokenHash: 'x',
      createdAt: hub.clock.now,
      expiresAt: hub.clock.now + dayMs,
    };
    hub.db.insert(oneTimeLinks).values(link).run();
    const entry = {
      kind: 'file' as const,
      name: 'a',
      nameKey: 'a',
      createdAt: 1,
      updatedAt: 1,
      deletedAt: hub.clock.now,
    };
    hub.db
      .insert(entries)
      .values({ ...entry, id: 'ent_1', projectId: project.id, ownerId: person.id })
      .run();
    hub.clock.now = before;
    returnFromFuture(hub.ctx, before + tenYears);
    expect(await readSession(hub.ctx, token)).not.toBeNull();
    expect(hub.db.select().from(sessions).get()!).toMatchObject({ createdAt: before });
    expect(hub.db.select().from(sessions).get()!.expiresAt * 1000).toBeLessThan(before + 400 * dayMs);
    expect(hub.db.select().from(oneTimeLinks).get()).toMatchObject({
      createdAt: before,
      expiresAt: before + dayMs,
    });
    expect(hub.db.select().from(entries).get()!.deletedAt).toBe(before);
    expect(hub.db.select().from(stageRuns).all()).toEqual([]);
  });
});
