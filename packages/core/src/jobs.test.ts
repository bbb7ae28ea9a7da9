import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { eq } from 'drizzle-orm';
import { inTransaction } from '@turnover/db/transaction';
import { jobs } from '@turnover/db/schema/jobs';
import { queryClient } from '@turnover/db/testing';
import { jobs as definitions } from '@turnover/domain/server/jobs';
import {
  giveUpLapsed,
  claim,
  complete,
  enqueue,
  fail,
  heartbeat,
  LeaseLostError,
  nextDueAt,
  pruneJobs,
  queueDepth,
  queueOf,
  release,
  reschedule,
  underLease,
  type OnFailure,
} from './jobs.ts';
import { testHub, type TestHub } from './testing/hub.ts';

const { leaseMs, maxClaims } = definitions.runStage;
const ignoreGiveUp = () => {};
const ignore = { giveUp: ignoreGiveUp, retryLater: () => {} };

let hub: TestHub;

beforeEach(async () => {
  hub = await testHub();
});

afterEach(() => {
  hub.close();
});

function add(options: { runAt?: number; dedupeKey?: string; stepAsideMs?: number } = {}): void {
  inTransaction(hub.db, (tx) =>
    enqueue(tx, hub.ctx, 'runStage', { stageRunId: hub.ctx.newId('stageRun') }, options),
  );
}

function row() {
  return hub.db.select().from(jobs).get()!;
}

describe('claiming', () => {
  test('claims the job that is due first, and claims it only once', () => {
    add({ runAt: hub.clock.now + 10 });
    add({ runAt: hub.clock.now - 10 });
    add({ runAt: hub.clock.now + 20 });
    const first = claim(hub.ctx);
    expect(hub.db.select().from(jobs).where(eq(jobs.id, first!.id)).get()?.runAt).toBe(hub.clock.now - 10);
    expect(claim(hub.ctx)).toBeNull();
    hub.clock.advance(10);
    expect(claim(hub.ctx)).not.toBeNull();
    expect(claim(hub.ctx)).toBeNull();
  });

  test('claims long previews that somebody asked for only when no other job is due, however long they have waited', () => {
    const assetIds = [hub.ctx.newId('asset')];
    inTransaction(hub.db, (tx) => enqueue(tx, hub.ctx, 'makeLongPreviews', { assetIds }));
    hub.clock.advance(24 * 3600_000);
    add();
    expect([claim(hub.ctx)?.kind, claim(hub.ctx)?.kind]).toEqual(['runStage', 'makeLongPreviews']);
  });

  test('a job with `stepAsideMs` lets others go first for that time, but is claimed at once in an empty queue', () => {
    const key = (job: { id: string } | null) =>
      hub.db.select().from(jobs).where(eq(jobs.id, job!.id)).get()!.dedupeKey;
    add({ dedupeKey: 'frame 1', stepAsideMs: 1000 });
    add({ dedupeKey: 'frame 2', stepAsideMs: 1000 });
    expect(key(claim(hub.ctx))).toBe('frame 1');
    hub.clock.advance(999);
    add({ dedupeKey: 'subtitle' });
    expect(key(claim(hub.ctx))).toBe('subtitle');
    hub.clock.advance(2);
    add({ dedupeKey: 'late subtitle' });
    expect(key(claim(hub.ctx))).toBe('frame 2');
    expect(key(claim(hub.ctx))).toBe('late subtitle');
  });

  test('claims only the given kinds', () => {
    add();
    expect(claim(hub.ctx, ['processRound'])).toBeNull();
    expect(claim(hub.ctx, ['runStage'])?.kind).toBe('runStage');
  });

  test('refuses a second job with the same key until the first one has ended', () => {
    add({ dedupeKey: 'one' });
    add({ dedupeKey: 'one' });
    expect(queueDepth(hub.db, hub.clock.now)).toEqual({ due: 1, running: 0, dead: 0 });
    const job = claim(hub.ctx)!;
    add({ dedupeKey: 'one' });
    underLease(hub.db, job, (tx) => complete(tx, hub.ctx, job));
    expect(queueDepth(hub.db, hub.clock.now)).toEqual({ due: 0, running: 0, dead: 0 });
    add({ dedupeKey: 'one' });
    expect(queueDepth(hub.db, hub.clock.now).due).toBe(1);
  });

  test('leaves no job when the transaction is rolled back', () => {
    const attempt = () =>
      inTransaction(hub.db, (tx) => {
        enqueue(tx, hub.ctx, 'runStage', { stageRunId: hub.ctx.newId('stageRun') });
        throw new Error('the cause failed');
      });
    expect(attempt).toThrow('the cause failed');
    expect(claim(hub.ctx)).toBeNull();
  });
});

describe('a lease', () => {
  test('holds as long as heartbeats arrive, then expires and lets the next worker claim the job', () => {
    add();
    const job = claim(hub.ctx)!;
    hub.clock.advance(leaseMs);
    expect(claim(hub.ctx)).toBeNull();
    expect(heartbeat(hub.ctx, job)).toBe(true);
    hub.clock.advance(leaseMs);
    expect(claim(hub.ctx)).toBeNull();
    hub.clock.advance(1);
    const second = claim(hub.ctx)!;
    expect(second.id).toBe(job.id);
    expect(second.claims).toBe(2);
  });

  test('rejects all writes of a worker that lost its job', () => {
    add();
    const zombie = claim(hub.ctx)!;
    hub.clock.advance(leaseMs + 1);
    const heir = claim(hub.ctx)!;
    const before = row();
    const late = (write: () => unknown) => expect(write).toThrow(LeaseLostError);
    late(() => underLease(hub.db, zombie, (tx) => complete(tx, hub.ctx, zombie)));
    late(() => underLease(hub.db, zombie, () => add()));
    late(() => inTransaction(hub.db, (tx) => reschedule(tx, zombie, 0)));
    late(() => fail(hub.ctx, zombie, 'late', 0, ignore));
    expect(heartbeat(hub.ctx, zombie)).toBe(false);
    release(hub.ctx, zombie);
    expect(row()).toEqual(before);
    underLease(hub.db, heir, (tx) => complete(tx, hub.ctx, heir));
    expect(row().status).toBe('done');
  });

  test('is returned on an orderly release', () => {
    add();
    release(hub.ctx, claim(hub.ctx)!);
    expect(row()).toMatchObject({ status: 'waiting', claims: 0, leaseToken: null });
    expect(claim(hub.ctx)?.claims).toBe(1);
  });

  test('wakes for the next due job or the next expiring lease, whichever comes first', () => {
    expect(nextDueAt(hub.db)).toBeNull();
    add({ runAt: hub.clock.now + 1000 });
    expect(nextDueAt(hub.db)).toBe(hub.clock.now + 1000);
    hub.clock.advance(1000);
    claim(hub.ctx);
    expect(nextDueAt(hub.db)).toBe(hub.clock.now + leaseMs + 1);
  });
});

describe('failing', () => {
  test('waits longer after each failure, and gives up once, at the last claim', () => {
    add();
    const givenUp: string[] = [];
    let waits = 0;
    const counting: OnFailure = {
      giveUp: (_tx, dead) => void givenUp.push(dead.id),
      retryLater: () => (waits += 1),
    };
    for (let attempt = 1; attempt < maxClaims; attempt++) {
      const job = claim(hub.ctx)!;
      expect(fail(hub.ctx, job, 'broken', 0.999, counting)).toBe('waiting');
      const wait = row().runAt - hub.clock.now;
      expect(wait).toBe(Math.round(1000 * 2 ** (attempt - 1) * 0.999));
      expect(claim(hub.ctx)).toBeNull();
      hub.clock.advance(wait);
    }
    const last = claim(hub.ctx)!;
    expect(fail(hub.ctx, last, 'broken', 0, counting)).toBe('dead');
    expect(givenUp).toEqual([last.id]);
    expect(waits).toBe(maxClaims - 1);
    expect(row()).toMatchObject({ status: 'dead', lastError: 'broken', claims: maxClaims });
    hub.clock.advance(1e9);
    expect(claim(hub.ctx)).toBeNull();
  });

  test('gives up a job that kills its worker at each claim', () => {
    add();
    for (let attempt = 0; attempt < maxClaims; attempt++) {
      expect(giveUpLapsed(hub.ctx, ignoreGiveUp)).toBe(0);
      expect(claim(hub.ctx)).not.toBeNull();
      hub.clock.advance(leaseMs + 1);
    }
    expect(claim(hub.ctx)).toBeNull();
    const givenUp: string[] = [];
    expect(giveUpLapsed(hub.ctx, (_tx, job) => givenUp.push(job.id))).toBe(1);
    expect(givenUp).toEqual([row().id]);
    expect(row().status).toBe('dead');
  });

  test('leaves the job unchanged when giving up fails', () => {
    add();
    for (let attempt = 0; attempt < maxClaims; attempt++) {
      claim(hub.ctx);
      hub.clock.advance(leaseMs + 1);
    }
    const before = row();
    const broken = () => {
      throw new Error('cannot give up');
    };
    expect(() => giveUpLapsed(hub.ctx, broken)).toThrow('cannot give up');
    expect(row()).toEqual(before);
  });

  test('resets the claims of a job that continues later', () => {
    add();
    const job = claim(hub.ctx)!;
    const later = hub.clock.now + 60_000;
    underLease(hub.db, job, (tx) => reschedule(tx, job, later));
    expect(row()).toMatchObject({ status: 'waiting', claims: 0, runAt: later });
  });
});

test('deletes only successful jobs, a day after they ended, however long they waited', () => {
  add();
  add();
  hub.clock.advance(3 * 24 * 3600_000);
  const done = claim(hub.ctx)!;
  underLease(hub.db, done, (tx) => complete(tx, hub.ctx, done));
  expect(pruneJobs(hub.ctx)).toBe(0);
  hub.clock.advance(24 * 3600_000 + 1);
  expect(pruneJobs(hub.ctx)).toBe(1);
  expect(row().status).toBe('waiting');
});

test('a job that a worker claims while the queue is counted leaves no invalid waiting time', () => {
  add();
  const client = queryClient(hub.db);
  const prepare = client.prepare.bind(client);
  vi.spyOn(client, 'prepare').mockImplementation((text: string) => {
    if (text.includes('min(')) hub.db.$client.exec("update jobs set status = 'running'");
    return prepare(text);
  });
  expect(queueOf(hub.db, ['runStage'], hub.clock.now)).toMatchObject({ waiting: 1, waitingSince: null });
});
