/** Transactions: synchronous, and IMMEDIATE so that a reader never fails with SQLITE_BUSY_SNAPSHOT on its first write. */
import type { Database, Transaction } from './open.ts';

/** An async callback does not compile: what it awaited would run outside the transaction. */
export function inTransaction<Result>(
  db: Database,
  write: (tx: Transaction) => Result extends PromiseLike<unknown> ? never : Result,
): Result {
  return db.transaction(write as (tx: Transaction) => Result, { behavior: 'immediate' });
}
