/** When a session is in force: neither unused nor used for too long. Expired ones are deleted some time later. */
import { and, gt, not, type SQL } from 'drizzle-orm';
import { sessions } from '@turnover/db/schema/accounts';
import { sessionLimits } from '@turnover/domain/people/accounts';

type Times = Pick<typeof sessions.$inferSelect, 'createdAt' | 'expiresAt'>;

/** The first moment at which a session is over if nobody uses it again. `expiresAt` of a row is in seconds. */
export function endOfSession({ createdAt, expiresAt }: Times): number {
  return Math.min(expiresAt * 1000, createdAt + sessionLimits.absoluteMs);
}

/** The same as a condition on rows of `sessions`. */
export function isInForce(now: number): SQL {
  return and(
    gt(sessions.expiresAt, Math.floor(now / 1000)),
    gt(sessions.createdAt, now - sessionLimits.absoluteMs),
  )!;
}

export function isOver(now: number): SQL {
  return not(isInForce(now));
}
