/** Waiting for another process's write lock without relation still: SQLite itself would hold up the whole process. */
import { setTimeout as pause } from 'node:timers/promises';
import { faultReasonOf } from '@turnover/domain/requests/system-faults';
import type { Database } from './open.ts';
import { inTransaction } from './transaction.ts';

const longestPauseMs = 50;

/** Resolves when a transaction could begin now; rejects with what it would fail with when `maxWaitMs` are over. */
export async function untilWritable(db: Database, maxWaitMs: number): Promise<void> {
  // A transaction on this connection is never open between two turns of the event loop.
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
