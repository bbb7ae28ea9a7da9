import { afterEach, beforeEach, expect, test } from 'vitest';
import { sessions } from '@turnover/db/schema/accounts';
import { sessionLimits } from '@turnover/domain/people/accounts';
import { endOfSession, isInForce, isOver } from './session-in-force.ts';
import { testHub, type TestHub } from './testing/hub.ts';

let hub: TestHub;
beforeEach(async () => {
  hub = await testHub();
});
afterEach(() => hub.close());

const startedAt = 1_700_000_000_000;
const idle = { createdAt: startedAt, expiresAt: startedAt / 1000 + 60 };
const old = { createdAt: startedAt, expiresAt: (startedAt + 2 * sessionLimits.absoluteMs) / 1000 };

test.each([
  ['unused', idle, startedAt + 60_000],
  ['used all the time', old, startedAt + sessionLimits.absoluteMs],
])('a session that is %s is over at its end and not before, in rows as in conditions', (_, times, end) => {
  const { id: userId } = hub.createPerson();
  hub.db
    .insert(sessions)
    .values({ id: 'one', userId, ...times })
    .run();
  const numberOf = (condition: ReturnType<typeof isOver>) =>
    hub.db.select().from(sessions).where(condition).all().length;
  expect(endOfSession(times)).toBe(end);
  expect([numberOf(isInForce(end - 1)), numberOf(isOver(end - 1))]).toEqual([1, 0]);
  expect([numberOf(isInForce(end)), numberOf(isOver(end))]).toEqual([0, 1]);
});
