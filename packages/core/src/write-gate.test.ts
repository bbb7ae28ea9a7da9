import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { apiTokens, companies, sessions } from '@turnover/db/schema/accounts';
import { openDatabase, type Database } from '@turnover/db/open';
import type { inTransaction } from '@turnover/db/transaction';
import { sessionLimits } from '@turnover/domain/people/accounts';
import { authenticate } from './people/sign-in.ts';
import { startSession } from './people/sessions.ts';
import { testHub, type TestHub } from './testing/hub.ts';
import { createToken } from './people/tokens.ts';
import { requireWritable, writeSoon, writeWaiting } from './write-gate.ts';

const origin = () => ({ method: 'password', factor: null, userAgent: '' }) as const;

let hub: TestHub;
let other: Database['$client'];
beforeEach(async () => {
  hub = await testHub({ onDisk: true });
  hub.clock.now = Date.now();
  other = openDatabase(join(hub.folder, 'turnover.db')).$client;
});
afterEach(() => {
  other.close();
  hub.close();
});

const hold = () => other.exec('BEGIN IMMEDIATE');
const letGo = () => other.exec('ROLLBACK');
const addCompany = (id: string) => (tx: Parameters<Parameters<typeof inTransaction>[1]>[0]) =>
  void tx.insert(companies).values({ id, name: id, nameKey: id, createdAt: 1 }).run();
const companyIds = () =>
  hub.db
    .select({ id: companies.id })
    .from(companies)
    .all()
    .map(({ id }) => id);

/** The longest time during which the event loop was blocked. */
async function longestStall(work: () => Promise<unknown>): Promise<number> {
  let last = performance.now();
  let longest = 0;
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 5);
  await work();
  clearInterval(timer);
  return Math.max(longest, performance.now() - last);
}

describe('while another process holds the database', () => {
  test('accepts a token, and records its use with the next call', async () => {
    const { token } = createToken(hub.as(hub.createPerson()), { name: 'script' });
    const credentials = { authorization: `Bearer ${token}` };
    hold();
    expect(await authenticate(hub.ctx, credentials)).toMatchObject({ via: 'token' });
    letGo();
    expect(hub.db.select().from(apiTokens).get()!.lastUsedAt).toBeNull();
    await authenticate(hub.ctx, credentials);
    expect(hub.db.select().from(apiTokens).get()!.lastUsedAt).toBe(hub.clock.now);
  });

  test('accepts a session whose idle limit has to be extended', async () => {
    const { token } = await startSession(hub.ctx, hub.createPerson().id, origin);
    const soon = Math.floor((Date.now() + sessionLimits.idleMs / 4) / 1000);
    hub.db.update(sessions).set({ expiresAt: soon }).run();
    hold();
    expect(await authenticate(hub.ctx, { sessionToken: token })).toMatchObject({ via: 'session' });
    letGo();
    expect(hub.db.select().from(sessions).get()!.expiresAt).toBe(soon);
    await authenticate(hub.ctx, { sessionToken: token });
    expect(hub.db.select().from(sessions).get()!.expiresAt).toBeGreaterThan(soon);
  });

  test('lets a change wait without blocking the event loop, and continues when the database is free', async () => {
    const stalls: number[] = [];
    // A busy machine can block the event loop too, but not every time.
    while (stalls.length < 10 && !stalls.some((stall) => stall < 200)) {
      hold();
      setTimeout(letGo, 300);
      stalls.push(await longestStall(() => requireWritable(hub.ctx)));
    }
    expect(Math.min(...stalls)).toBeLessThan(200);
  });

  test('refuses a change that has waited too long, and states the reason and when to retry', async () => {
    hold();
    const refused = requireWritable(hub.ctx, 50);
    await expect(refused).rejects.toMatchObject({
      code: 'unavailable',
      details: { reason: 'busy', retryAfterSeconds: 2 },
    });
    letGo();
    await requireWritable(hub.ctx, 50);
  });

  test('writes what was postponed later, in order, and only once', () => {
    hold();
    writeSoon(hub.ctx, 'test', addCompany('com_1'));
    writeSoon(hub.ctx, 'test', addCompany('com_2'));
    writeWaiting(hub.db);
    expect(companyIds()).toEqual([]);
    letGo();
    writeWaiting(hub.db);
    writeWaiting(hub.db);
    expect(companyIds()).toEqual(['com_1', 'com_2']);
  });
});

test('rethrows bugs, which are not system faults', () => {
  const bug = () => {
    throw new Error('a bug');
  };
  expect(() => writeSoon(hub.ctx, 'test', bug)).toThrow('a bug');
});
