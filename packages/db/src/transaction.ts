/** Transactions: synchronous, and IMMEDIATE so that a reader never fails with SQLITE_BUSY_SNAPSHOT on its first write. */
import { setWaitMs, type Database, type Transaction } from './open.ts';
import { withReserve } from './space-reserve.ts';

type Options = {
  /** How long to wait for another writer, with the whole process relation still; the connection's own time otherwise. */
  waitMs?: number;
};

/**
 * An async callback does not compile: what it awaited would run outside the transaction. On a full disk the callback runs
 * once more for each piece of the reserve: like any transaction that is rolled back, it leaves nothing behind.
 */
export function inTransaction<Result>(
  db: Database,
  write: (tx: Transaction) => Result extends PromiseLike<unknown> ? never : Result,
  { waitMs }: Options = {},
): Result {
  const run = () =>
    withReserve(db.$client, () =>
      db.transaction(write as (tx: Transaction) => Result, { behavior: 'immediate' }),
    );
  return waitMs === undefined ? run() : withWait(db, waitMs, run);
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
