/** Transactions. They are synchronous, and IMMEDIATE so that the first write never fails with SQLITE_BUSY_SNAPSHOT. */
import type Sqlite from 'better-sqlite3';
import { setWaitMs, type Database, type Transaction } from './open.ts';
import { withReserve } from './space-reserve.ts';

/** Writes down that a transaction changed rows. */
export type ChangeRecorder = {
  /** Called inside the transaction, after its last change. What throws here rolls the change back. */
  record(tx: Transaction): void;
  /** Called after the commit of what it recorded. */
  committed(): void;
};

const recorders = new WeakMap<Database, ChangeRecorder>();

/** Returns another handle of the same database. Its transactions that change rows call the recorder. */
export function recordChanges(db: Database, recorder: ChangeRecorder): Database {
  const handle = Object.create(db) as Database;
  recorders.set(handle, recorder);
  return handle;
}

type Recorded<Rest extends unknown[], Result> = {
  write(tx: Transaction, ...rest: Rest): Result;
  /** Call after the commit. */
  committed(): void;
};

/** Has the recorder of the handle, if it has one, called at the end of `write` whenever it changes rows. */
export function recorded<Rest extends unknown[], Result>(
  db: Database,
  write: (tx: Transaction, ...rest: Rest) => Result,
): Recorded<Rest, Result> {
  const recorder = recorders.get(db);
  if (!recorder) return { write, committed: () => {} };
  let isRecorded = false;
  return {
    write(tx, ...rest) {
      // A full disk runs the write again.
      isRecorded = false;
      const before = totalChanges(db);
      const result = write(tx, ...rest);
      if (totalChanges(db) === before) return result;
      recorder.record(tx);
      isRecorded = true;
      return result;
    },
    committed() {
      if (isRecorded) recorder.committed();
    },
  };
}

const changeCounters = new WeakMap<Sqlite.Database, Sqlite.Statement<[], number>>();

function totalChanges({ $client }: Database): number {
  let counter = changeCounters.get($client);
  if (!counter) {
    counter = $client.prepare<[], number>('select total_changes()').pluck() as Sqlite.Statement<[], number>;
    changeCounters.set($client, counter);
  }
  return counter.get() ?? 0;
}

type Options = {
  /** True for a write that is no part of what the caller does, such as counting a guess: the recorder ignores it. */
  isSideEffect?: boolean;
  /** How long to block the whole process while another process writes, in milliseconds. Default: the connection's setting. */
  waitMs?: number;
};

/**
 * Runs the callback in a transaction. An async callback is a compiler error, because its awaited parts would run outside the
 * transaction. On a full disk the callback runs again for each freed piece of the reserve; the failed attempt is rolled back.
 */
export function inTransaction<Result>(
  db: Database,
  write: (tx: Transaction) => Result extends PromiseLike<unknown> ? never : Result,
  { waitMs, isSideEffect = false }: Options = {},
): Result {
  const plain = write as (tx: Transaction) => Result;
  const whole = isSideEffect ? null : recorded(db, plain);
  const run = () =>
    withReserve(db.$client, () => db.transaction(whole?.write ?? plain, { behavior: 'immediate' }));
  const result = waitMs === undefined ? run() : withWait(db, waitMs, run);
  whole?.committed();
  return result;
}

function withWait<Result>(db: Database, waitMs: number, run: () => Result): Result {
  const usual = db.$client.pragma('busy_timeout', { simple: true }) as number;
  setWaitMs(db, waitMs);
  try {
    return run();
  } finally {
    setWaitMs(db, usual);
  }
}
