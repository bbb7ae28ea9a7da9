/** Ends sessions together with their sign-ins. */
import type { SQL } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { sessions, signIns } from '@turnover/db/schema/accounts';
import type { SignInEnd } from '@turnover/domain/people/sign-ins';
import type { Context } from './context.ts';
import { inList } from './in-list.ts';

/** The only place that deletes sessions. Returns the ids of the people whose they were. */
export function endSessionsWhere(
  tx: Transaction,
  { clock }: Pick<Context, 'clock'>,
  condition: SQL | undefined,
  by: SignInEnd,
): string[] {
  const ended = tx.delete(sessions).where(condition).returning().all();
  tx.update(signIns)
    .set({ sessionId: null, sealedIdToken: null, endedAt: clock(), endedBy: by })
    .where(
      inList(
        signIns.sessionId,
        ended.map(({ id }) => id),
      ),
    )
    .run();
  return ended.map(({ userId }) => userId);
}
