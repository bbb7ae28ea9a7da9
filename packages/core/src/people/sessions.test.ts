import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { sessions } from '@turnover/db/schema/accounts';
import { inTransaction } from '@turnover/db/transaction';
import { sessionLimits } from '@turnover/domain/people/accounts';
import type { Person } from '../context.ts';
import { endSession, endSessionsOf, readSession, startSession } from './sessions.ts';
import { testHub, type TestHub } from '../testing/hub.ts';

let hub: TestHub;
let ana: Person;
beforeEach(async () => {
  hub = await testHub();
  ana = hub.createPerson();
  // Lucia uses the system clock.
  vi.useFakeTimers({ toFake: ['Date'], now: hub.clock.now });
});
afterEach(() => {
  vi.useRealTimers();
  hub.close();
});

function advance(ms: number): void {
  hub.clock.advance(ms);
  vi.setSystemTime(hub.clock.now);
}

const origin = () => ({ method: 'password', factor: null, userAgent: 'browser' }) as const;
const day = 24 * 3600_000;

test('the table contains the hash of the token, which cannot be used to sign in', async () => {
  const { token, expiresAt } = await startSession(hub.ctx, ana.id, origin);
  expect(expiresAt).toBe(hub.clock.now + sessionLimits.absoluteMs);
  const row = hub.db.select().from(sessions).get();
  expect(row).toMatchObject({ userId: ana.id, createdAt: hub.clock.now });
  expect(row?.expiresAt).toBe(Math.floor((hub.clock.now + sessionLimits.idleMs) / 1000));
  expect(await readSession(hub.ctx, token)).toEqual({ sessionId: row?.id, userId: ana.id });
  expect(JSON.stringify(row)).not.toContain(token);
  expect(await readSession(hub.ctx, row?.id ?? '')).toBeNull();
});

test('an unused session expires', async () => {
  const { token } = await startSession(hub.ctx, ana.id, origin);
  advance(sessionLimits.idleMs);
  expect(await readSession(hub.ctx, token)).toBeNull();
  expect(hub.db.select().from(sessions).all()).toEqual([]);
});

test('a used session continues, but never beyond its absolute limit', async () => {
  const { token, expiresAt } = await startSession(hub.ctx, ana.id, origin);
  while (hub.clock.now + 5 * day < expiresAt) {
    advance(5 * day);
    expect(await readSession(hub.ctx, token)).not.toBeNull();
  }
  advance(expiresAt - hub.clock.now);
  expect(await readSession(hub.ctx, token)).toBeNull();
});

test('ends one session, or all but one, and deletes expired ones at the next sign-in', async () => {
  const [first, second, third] = await Promise.all(
    [1, 2, 3].map(() => startSession(hub.ctx, ana.id, origin)),
  );
  endSession(hub.ctx, first!.token);
  expect(await readSession(hub.ctx, first!.token)).toBeNull();

  const kept = await readSession(hub.ctx, second!.token);
  inTransaction(hub.db, (tx) => endSessionsOf(tx, hub.ctx, ana.id, { by: 'ended', keep: kept?.sessionId }));
  expect(await readSession(hub.ctx, third!.token)).toBeNull();
  expect(await readSession(hub.ctx, second!.token)).toEqual(kept);

  advance(sessionLimits.idleMs + day);
  await startSession(hub.ctx, hub.createPerson().id, origin);
  expect(hub.db.select().from(sessions).where(eq(sessions.userId, ana.id)).all()).toEqual([]);
});
