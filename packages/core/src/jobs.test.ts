import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eq } from 'drizzle-orm';
import { inTransaction } from '@turnover/db/transaction';
import { jobs } from '@turnover/db/schema/jobs';
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
  release,
  reschedule,
  underLease,
} from './jobs.ts';
import { testHub, type TestHub } from './testing/hub.ts';

const { leaseMs, maxClaims } = definitions.runStage;
const noBurial = () => {};

let hub: TestHub;

beforeEach(async () => {
  hub = await testHub();
});

afterEach(() => {
  hub.close();
});

function add(options: { runAt?: number; dedupeKey?: string } = {}): void {
  inTransaction(hub.db, (tx) =>
    enqueue(tx, hub.ctx, 'runStage', { stageRunId: hub.ctx.newId('stageRun') }, options),
  );
}

function row() {
  return hub.db.select().from(jobs).get()!;
}

describe('claiming', () => {
  test('takes the job that is due first, once', () => {
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

  test('takes only the kinds asked for', () => {
    add();
    expect(claim(hub.ctx, ['processRound'])).toBeNull();
    expect(claim(hub.ctx, ['runStage'])?.kind).toBe('runStage');
  });

  test('a key is unique while its job is live and free again afterwards', () => {
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

  test('a rolled back cause leaves no job', () => {
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
  test('holds with heartbeats, lapses without, and the next worker gets the job', () => {
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

  test('nothing that a worker does after it lost its job has an effect', () => {
    add();
    const zombie = claim(hub.ctx)!;
    hub.clock.advance(leaseMs + 1);
    const heir = claim(hub.ctx)!;
    const before = row();
    const late = (write: () => unknown) => expect(write).toThrow(LeaseLostError);
    late(() => underLease(hub.db, zombie, (tx) => complete(tx, hub.ctx, zombie)));
    late(() => underLease(hub.db, zombie, () => add()));
    late(() => inTransaction(hub.db, (tx) => reschedule(tx, zombie, 0)));
    late(() => fail(hub.ctx, zombie, 'late', 0, noBurial));
    expect(heartbeat(hub.ctx, zombie)).toBe(false);
    release(hub.ctx, zombie);
    expect(row()).toEqual(before);
    underLease(hub.db, heir, (tx) => complete(tx, hub.ctx, heir));
    expect(row().status).toBe('done');
  });

  test('an orderly release gives the claim back', () => {
    add();
    release(hub.ctx, claim(hub.ctx)!);
    expect(row()).toMatchObject({ status: 'waiting', claims: 0, leaseToken: null });
    expect(claim(hub.ctx)?.claims).toBe(1);
  });

  test('the next moment to look is the next due job or the next lapse', () => {
    expect(nextDueAt(hub.db)).toBeNull();
    add({ runAt: hub.clock.now + 1000 });
    expect(nextDueAt(hub.db)).toBe(hub.clock.now + 1000);
    hub.clock.advance(1000);
    claim(hub.ctx);
    expect(nextDueAt(hub.db)).toBe(hub.clock.now + leaseMs + 1);
  });
});

describe('failing', () => {
  test('waits longer after each failure and gives up at the last claim, once', () => {
    add();
    const givenUp: string[] = [];
    for (let attempt = 1; attempt < maxClaims; attempt++) {
      const job = claim(hub.ctx)!;
      expect(fail(hub.ctx, job, 'broken', 0.999, (_tx, dead) => givenUp.push(dead.id))).toBe('waiting');
      const wait = row().runAt - hub.clock.now;
      expect(wait).toBe(Math.round(1000 * 2 ** (attempt - 1) * 0.999));
      expect(claim(hub.ctx)).toBeNull();
      hub.clock.advance(wait);
    }
    const last = claim(hub.ctx)!;
    expect(fail(hub.ctx, last, 'broken', 0, (_tx, dead) => givenUp.push(dead.id))).toBe('dead');
    expect(givenUp).toEqual([last.id]);
    expect(row()).toMatchObject({ status: 'dead', lastError: 'broken', claims: maxClaims });
    hub.clock.advance(1e9);
    expect(claim(hub.ctx)).toBeNull();
  });

  test('a job that takes its worker with it each time is given up too', () => {
    add();
    for (let attempt = 0; attempt < maxClaims; attempt++) {
      expect(giveUpLapsed(hub.ctx, noBurial)).toBe(0);
      expect(claim(hub.ctx)).not.toBeNull();
      hub.clock.advance(leaseMs + 1);
    }
    expect(claim(hub.ctx)).toBeNull();
    const givenUp: string[] = [];
    expect(giveUpLapsed(hub.ctx, (_tx, job) => givenUp.push(job.id))).toBe(1);
    expect(givenUp).toEqual([row().id]);
    expect(row().status).toBe('dead');
  });

  test('a burial that fails leaves the job as it was', () => {
    add();
    for (let attempt = 0; attempt < maxClaims; attempt++) {
      claim(hub.ctx);
      hub.clock.advance(leaseMs + 1);
    }
    const before = row();
    const broken = () => {
      throw new Error('no burial');
    };
    expect(() => giveUpLapsed(hub.ctx, broken)).toThrow('no burial');
    expect(row()).toEqual(before);
  });

  test('what goes on later starts with new claims', () => {
    add();
    const job = claim(hub.ctx)!;
    const later = hub.clock.now + 60_000;
    underLease(hub.db, job, (tx) => reschedule(tx, job, later));
    expect(row()).toMatchObject({ status: 'waiting', claims: 0, runAt: later });
  });
});

test('only what ended well is forgotten, after a day', () => {
  add();
  add();
  const done = claim(hub.ctx)!;
  underLease(hub.db, done, (tx) => complete(tx, hub.ctx, done));
  expect(pruneJobs(hub.ctx)).toBe(0);
  hub.clock.advance(24 * 3600_000 + 1);
  expect(pruneJobs(hub.ctx)).toBe(1);
  expect(row().status).toBe('waiting');
});
