/** Waits for another process's write lock without blocking: waiting inside SQLite would block the whole process. */
import { setTimeout as pause } from 'node:timers/promises';
import { faultReasonOf } from '@turnover/domain/requests/system-faults';
import type { Database } from './open.ts';
import { inTransaction } from './transaction.ts';

const longestPauseMs = 50;

/** Resolves when a transaction could start now. Rejects after `maxWaitMs` with the error that the transaction would get. */
export async function untilWritable(db: Database, maxWaitMs: number): Promise<void> {
  // Between two turns of the event loop, this connection has no open transaction.
  const giveUpAt = performance.now() + maxWaitMs;
  for (let pauseMs = 2; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    try {
      return inTransaction(db, () => {}, { waitMs: 0 });
    } catch (error) {
      if (faultReasonOf(error) !== 'busy' || performance.now() + pauseMs > giveUpAt) throw error;
    }
    await pause(pauseMs);
  }
}
