/**
 * Durable jobs, stored as rows in the database. A claim holds for a lease, which heartbeats renew. The claim has a random
 * token, and every write of the job checks it: a worker that lost its job can no longer change anything.
 */
import { and, count, eq, gt, inArray, lt, lte, min, sql } from 'drizzle-orm';
import type { Database, Reader, Transaction } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { jobs } from '@turnover/db/schema/jobs';
import {
  backOffMs,
  jobKinds,
  jobs as definitions,
  lastJobKinds,
  type JobKind,
  type JobPayload,
} from '@turnover/domain/server/jobs';
import { frameStepsAsideMs } from '@turnover/domain/media/stages';
import type { Context } from './context.ts';
import { inList } from './in-list.ts';

type JobOf<Kind extends JobKind> = {
  id: string;
  kind: Kind;
  payload: JobPayload<Kind>;
  claims: number;
  leaseToken: string;
};
/** A claimed job. */
export type Job = { [Kind in JobKind]: JobOf<Kind> }[JobKind];

/** Called in the transaction that gives up a job. Cleans up what the job would have settled. */
export type GiveUp = (tx: Transaction, job: Job, reason: string) => void;
/** Callbacks in the transaction that ends a failed attempt. `retryLater`: the job waits for its next attempt. */
export type OnFailure = { giveUp: GiveUp; retryLater: (tx: Transaction, job: Job) => void };

/** Thrown when another worker has claimed the job, or the job has ended. */
export class LeaseLostError extends Error {
  constructor(jobId: string) {
    super(`The lease of ${jobId} is lost.`);
    this.name = 'LeaseLostError';
  }
}

type JobRow = Pick<typeof jobs.$inferSelect, 'id' | 'dedupeKey'>;
type JobOptions = {
  runAt?: number;
  dedupeKey?: string;
  /** Milliseconds by which jobs due at the same time go before this one. With an empty queue, it is claimed at once. */
  stepAsideMs?: number;
};

/**
 * Condition for jobs that wait or run. The statuses are literals: with bound parameters SQLite does not use the partial
 * index.
 */
export const isLiveJob = sql`${jobs.status} in ('waiting', 'running')`;

/** The keys that have a waiting or running job. */
export function liveKeysAmong(db: Reader, dedupeKeys: readonly string[]): Set<string> {
  const rows = db
    .select({ key: jobs.dedupeKey })
    .from(jobs)
    .where(and(inList(jobs.dedupeKey, dedupeKeys), isLiveJob))
    .all();
  return new Set(rows.map(({ key }) => key!));
}

/** Adds a job. Does nothing while a job with the same `dedupeKey` is waiting or running. */
export function enqueue<Kind extends JobKind>(
  tx: Transaction,
  ctx: Pick<Context, 'clock' | 'newId'>,
  kind: Kind,
  payload: JobPayload<Kind>,
  options: JobOptions = {},
): void {
  enqueueAll(tx, ctx, kind, [{ payload, ...options }]);
}

/** Like `enqueue`, but moves a waiting job with this key forward when it is due later. */
export function enqueueNoLater<Kind extends JobKind>(
  tx: Transaction,
  ctx: Pick<Context, 'clock' | 'newId'>,
  kind: Kind,
  payload: JobPayload<Kind>,
  { runAt, dedupeKey }: { runAt: number; dedupeKey: string },
): void {
  enqueue(tx, ctx, kind, payload, { runAt, dedupeKey });
  tx.update(jobs)
    .set({ runAt, turnAt: runAt })
    .where(and(eq(jobs.dedupeKey, dedupeKey), isLiveJob, eq(jobs.status, 'waiting'), gt(jobs.runAt, runAt)))
    .run();
}

/** Adds many jobs in one statement: building one statement per job costs more than writing the rows. */
export function enqueueAll<Kind extends JobKind>(
  tx: Transaction,
  ctx: Pick<Context, 'clock' | 'newId'>,
  kind: Kind,
  added: readonly ({ payload: JobPayload<Kind> } & JobOptions)[],
): void {
  if (added.length === 0) return;
  const now = ctx.clock();
  const rows = added.map(({ payload, runAt = now, dedupeKey, stepAsideMs = 0 }) => ({
    id: ctx.newId('job'),
    kind,
    payload: definitions[kind].payload.parse(payload),
    status: 'waiting' as const,
    runAt,
    turnAt: runAt + stepAsideMs,
    dedupeKey: dedupeKey ?? null,
    createdAt: now,
  }));
  tx.insert(jobs).values(rows).onConflictDoNothing().run();
}

/**
 * Removes the jobs with these keys from the queue, including jobs that were given up. A worker that runs one loses its lease
 * and stops at its next heartbeat or report.
 */
export function withdrawAll(tx: Transaction, dedupeKeys: readonly string[]): void {
  for (const which of [isLiveJob, eq(jobs.status, 'dead')])
    tx.delete(jobs)
      .where(and(inList(jobs.dedupeKey, dedupeKeys), which))
      .run();
}

/** The longest `stepAsideMs`. It limits how many waiting jobs a claim reads. */
const maxStepAsideMs = frameStepsAsideMs;

/** Queues a job that was given up again. If a job with its key is already queued, deletes this one instead. */
export function revive(tx: Transaction, ctx: Pick<Context, 'clock'>, { id, dedupeKey }: JobRow): void {
  const isThis = and(eq(jobs.id, id), eq(jobs.status, 'dead'));
  if (dedupeKey !== null && liveKeysAmong(tx, [dedupeKey]).has(dedupeKey)) {
    tx.delete(jobs).where(isThis).run();
    return;
  }
  const now = ctx.clock();
  tx.update(jobs)
    .set({ status: 'waiting', runAt: now, turnAt: now, claims: 0, lastError: null, finishedAt: null })
    .where(isThis)
    .run();
}

/** Claims the next due job; null without one. Jobs with an expired lease go first. */
export function claim(ctx: Context, kinds: readonly JobKind[] = jobKinds): Job | null {
  return inTransaction(ctx.db, (tx) => claimIn(tx, ctx, kinds));
}

export function claimIn(tx: Transaction, ctx: Context, kinds: readonly JobKind[]): Job | null {
  const now = ctx.clock();
  const ours = inArray(jobs.kind, [...kinds]);
  const lapsed = tx
    .select({ id: jobs.id })
    .from(jobs)
    .where(and(eq(jobs.status, 'running'), lt(jobs.leaseUntil, now), ours, hasClaimsLeft()))
    .limit(1);
  const due = sql`select id from (${sql.join(
    kinds.map((kind) => firstDue(kind, now)),
    sql` union all `,
  )}) order by is_last, turn_at limit 1`;
  const row = tx
    .update(jobs)
    .set({
      status: 'running',
      claims: sql`${jobs.claims} + 1`,
      leaseToken: ctx.newId('job'),
      leaseUntil: sql`${now} + ${perKind((definition) => definition.leaseMs)}`,
    })
    .where(eq(jobs.id, sql`coalesce((${lapsed}), (${due}))`))
    .returning()
    .get();
  return row ? jobFrom(row) : null;
}

/** Renews the lease. Returns false when the job belongs to another worker or has ended. */
export function heartbeat(ctx: Context, job: Job): boolean {
  const leaseUntil = ctx.clock() + definitions[job.kind].leaseMs;
  return inTransaction(
    ctx.db,
    (tx) => tx.update(jobs).set({ leaseUntil }).where(isHeldBy(job)).run().changes === 1,
  );
}

/**
 * Runs `write` in a transaction. Throws `LeaseLostError` and writes nothing when the worker no longer holds the job.
 */
export function underLease<Result>(
  db: Database,
  job: Job,
  write: (tx: Transaction) => Result extends PromiseLike<unknown> ? never : Result,
): Result {
  const guarded = (tx: Transaction) => {
    const held = tx.select({ id: jobs.id }).from(jobs).where(isHeldBy(job)).get();
    if (!held) throw new LeaseLostError(job.id);
    return write(tx);
  };
  return inTransaction(db, guarded);
}

export function complete(tx: Transaction, ctx: Context, job: Job): void {
  settle(tx, job, { status: 'done', finishedAt: ctx.clock() });
}

/** Ends a successful attempt of a job that continues later, with `payload` as its new position. Resets its claims. */
export function reschedule<Kind extends JobKind>(
  tx: Transaction,
  job: Job & { kind: Kind },
  runAt: number,
  payload?: JobPayload<Kind>,
): void {
  settle(tx, job, { status: 'waiting', runAt, turnAt: runAt, claims: 0, lastError: null, payload });
}

/**
 * Ends a failed attempt: retries after a pause, or gives up after the last claim. `random` in [0, 1) spreads the
 * retries.
 */
export function fail(
  ctx: Context,
  job: Job,
  reason: string,
  random: number,
  { giveUp, retryLater }: OnFailure,
): 'waiting' | 'dead' {
  return underLease(ctx.db, job, (tx) => {
    if (job.claims >= definitions[job.kind].maxClaims) {
      giveUp(tx, job, reason);
      settle(tx, job, { status: 'dead', finishedAt: ctx.clock(), lastError: reason });
      return 'dead';
    }
    const runAt = ctx.clock() + backOffMs(job.claims, random);
    settle(tx, job, { status: 'waiting', runAt, turnAt: runAt, lastError: reason });
    retryLater(tx, job);
    return 'waiting';
  });
}

/** Returns the claim on an orderly stop, so that the next worker can continue at once. */
export function release(ctx: Context, job: Job): void {
  inTransaction(ctx.db, (tx) => {
    tx.update(jobs)
      .set({ status: 'waiting', claims: job.claims - 1, leaseToken: null, leaseUntil: null })
      .where(isHeldBy(job))
      .run();
  });
}

/** Gives up jobs whose worker vanished during the last allowed claim. Returns their number. */
export function giveUpLapsed(ctx: Context, giveUp: GiveUp): number {
  const lapsed = and(
    eq(jobs.status, 'running'),
    lt(jobs.leaseUntil, ctx.clock()),
    sql`not ${hasClaimsLeft()}`,
  );
  const reason = 'The worker vanished.';
  const find = (db: Reader) => db.select().from(jobs).where(lapsed).limit(1).get();
  const giveUpOne = (tx: Transaction): boolean => {
    const row = find(tx);
    if (!row) return false;
    const job = jobFrom(row);
    giveUp(tx, job, reason);
    settle(tx, job, { status: 'dead', finishedAt: ctx.clock(), lastError: reason });
    return true;
  };
  let givenUp = 0;
  // Reads first without the write lock, because the runner calls this before each claim.
  while (find(ctx.db) && inTransaction(ctx.db, giveUpOne)) givenUp += 1;
  return givenUp;
}

/** When the next job is due or the next lease lapses; null when nothing is waiting or running. */
export function nextDueAt(db: Reader, kinds: readonly JobKind[] = jobKinds): number | null {
  const ours = inArray(jobs.kind, [...kinds]);
  const firsts = kinds.flatMap((kind) => firstWaiting(db, kind) ?? []);
  const waiting = firsts.length > 0 ? Math.min(...firsts) : null;
  const running = db
    .select({ at: min(jobs.leaseUntil) })
    .from(jobs)
    .where(and(eq(jobs.status, 'running'), ours))
    .get();
  // A lease still holds in the millisecond of its end.
  const lapse = running?.at == null ? null : running.at + 1;
  if (waiting === null || lapse === null) return waiting ?? lapse;
  return Math.min(waiting, lapse);
}

/** `at`: when the attempt begins, in epoch milliseconds; null while it runs. */
export type Attempt = { number: number; of: number; at: number | null };

/** The running or next attempt of jobs that have failed before, keyed by dedupe key. */
export function attemptsOf(db: Reader, dedupeKeys: readonly string[]): Map<string, Attempt> {
  if (dedupeKeys.length === 0) return new Map();
  const rows = db
    .select()
    .from(jobs)
    .where(and(inList(jobs.dedupeKey, dedupeKeys), isLiveJob))
    .all();
  return new Map(
    rows.flatMap(({ dedupeKey, kind, status, claims, runAt }) => {
      const isWaiting = status === 'waiting';
      const number = isWaiting ? claims + 1 : claims;
      if (number < 2) return [];
      return [
        [dedupeKey!, { number, of: definitions[kind].maxClaims, at: isWaiting ? runAt : null }] as const,
      ];
    }),
  );
}

function firstWaiting(db: Reader, kind: JobKind): number | null {
  const waits = and(eq(jobs.status, 'waiting'), eq(jobs.kind, kind));
  return (
    db
      .select({ at: min(jobs.runAt) })
      .from(jobs)
      .where(waits)
      .get()?.at ?? null
  );
}

type Queue = { running: number; waiting: number; later: number; waitingSince: number | null };

/** Numbers of jobs. `waiting`: due but not started; `later`: not due yet. */
export function queueOf(db: Reader, kinds: readonly JobKind[], now: number): Queue {
  const ours = inArray(jobs.kind, [...kinds]);
  const number = (where: ReturnType<typeof and>) =>
    db.select({ number: count() }).from(jobs).where(and(where, ours)).get()!.number;
  const waits = eq(jobs.status, 'waiting');
  const waiting = number(and(waits, lte(jobs.runAt, now)));
  // These reads are not one snapshot: a worker may have claimed the jobs counted before, so the result can be empty.
  const firsts = kinds.flatMap((kind) => firstWaiting(db, kind) ?? []).filter((runAt) => runAt <= now);
  return {
    running: number(eq(jobs.status, 'running')),
    waiting,
    later: number(and(waits, gt(jobs.runAt, now))),
    waitingSince: firsts.length > 0 ? Math.min(...firsts) : null,
  };
}

/** A literal, because SQLite does not use the partial index with a bound parameter. */
const isDone = sql`${jobs.status} = 'done'`;

/** The number of jobs that succeeded after `since`. Jobs older than a day are deleted and do not count. */
export function finishedSince(db: Reader, kinds: readonly JobKind[], since: number): number {
  const where = and(isDone, inArray(jobs.kind, [...kinds]), gt(jobs.finishedAt, since));
  return db.select({ number: count() }).from(jobs).where(where).get()!.number;
}

export function queueDepth(db: Reader, now: number): { due: number; running: number; dead: number } {
  const number = (where: ReturnType<typeof and>) =>
    db.select({ number: count() }).from(jobs).where(where).get()?.number ?? 0;
  return {
    due: number(and(eq(jobs.status, 'waiting'), lte(jobs.runAt, now))),
    running: number(eq(jobs.status, 'running')),
    dead: number(eq(jobs.status, 'dead')),
  };
}

/** Successful jobs are deleted a day after they ended. Jobs that were given up stay. */
const doneKeptMs = 24 * 3600_000;

/** Deletes one batch of old jobs, to keep the transaction short. Returns the number of jobs. */
export function pruneJobs(ctx: Context, limit = 500): number {
  const old = ctx.db
    .select({ id: jobs.id })
    .from(jobs)
    .where(and(isDone, inArray(jobs.kind, jobKinds), lt(jobs.finishedAt, ctx.clock() - doneKeptMs)))
    .limit(limit);
  return inTransaction(ctx.db, (tx) => tx.delete(jobs).where(inArray(jobs.id, old)).run().changes);
}

/** One query for each kind, because the index gives the first row of one kind, but not of several. */
function firstDue(kind: JobKind, now: number) {
  return sql`select * from (select ${jobs.id} as id, ${jobs.turnAt} as turn_at,
    ${lastJobKinds.includes(kind) ? 1 : 0} as is_last from ${jobs}
    where ${isDue(kind, now)} order by ${jobs.turnAt} limit 1)`;
}

/** Condition for due jobs of a kind, for a query that orders them by `turnAt`. */
export function isDue(kind: JobKind, now: number) {
  // The plus keeps SQLite from reading and sorting all due jobs.
  return sql`${jobs.status} = 'waiting' and ${jobs.kind} = ${kind} and ${jobs.turnAt} <= ${now + maxStepAsideMs}
    and +${jobs.runAt} <= ${now}`;
}

type Settled = Partial<
  Pick<typeof jobs.$inferInsert, 'runAt' | 'turnAt' | 'claims' | 'lastError' | 'finishedAt'>
> & {
  /** Undefined keeps the present payload. */
  payload?: unknown;
  status: 'waiting' | 'done' | 'dead';
};

function settle(tx: Transaction, job: Job, change: Settled): void {
  const { changes } = tx
    .update(jobs)
    .set({ ...change, leaseToken: null, leaseUntil: null })
    .where(isHeldBy(job))
    .run();
  if (changes !== 1) throw new LeaseLostError(job.id);
}

function isHeldBy(job: Job) {
  return and(eq(jobs.id, job.id), eq(jobs.status, 'running'), eq(jobs.leaseToken, job.leaseToken));
}

function hasClaimsLeft() {
  return sql`${jobs.claims} < ${perKind((definition) => definition.maxClaims)}`;
}

/** A number from the definition of the row's job kind, as an SQL expression. */
function perKind(number: (definition: { leaseMs: number; maxClaims: number }) => number) {
  const cases = jobKinds.map((kind) => sql`when ${kind} then ${number(definitions[kind])}`);
  return sql`case ${jobs.kind} ${sql.join(cases, sql` `)} end`;
}

export function jobFrom(row: typeof jobs.$inferSelect): Job {
  const payload = definitions[row.kind].payload.parse(row.payload);
  return { id: row.id, kind: row.kind, payload, claims: row.claims, leaseToken: row.leaseToken ?? '' } as Job;
}
