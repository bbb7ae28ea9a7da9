/** Transactions. They are synchronous, and IMMEDIATE so that the first write never fails with SQLITE_BUSY_SNAPSHOT. */
import { setWaitMs, type Database, type Transaction } from './open.ts';
import { withReserve } from './space-reserve.ts';

type Options = {
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
