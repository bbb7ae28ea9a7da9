/** Shares that were given to an address wait for its person: they are bound when the account or the membership is there. */
import { and, eq, inArray, isNull } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { shares } from '@turnover/db/schema/shares';
import type { Context, Person } from './context.ts';
import { findMembership, insertMember, tellChange } from './members.ts';

/**
 * `emails`: the person's own and the one they were invited by. What was given in a project they are not in is theirs only
 * as a colleague of the sharer, who thereby makes them a member with a Workspace.
 */
export function bindShares(tx: Transaction, ctx: Context, person: Person, emails: readonly string[]): void {
  const waiting = tx
    .select({ share: shares, sharerCompany: users.companyId })
    .from(shares)
    .innerJoin(users, eq(users.id, shares.sharerId))
    .where(and(inArray(shares.granteeEmail, [...emails]), isNull(shares.granteeId), isNull(shares.revokedAt)))
    .all();
  for (const { share, sharerCompany } of waiting) {
    // Neither is a reason to let somebody in.
    if (share.expiresAt !== null && share.expiresAt <= ctx.clock()) continue;
    if (!findMembership(tx, share.projectId, share.sharerId)) continue;
    const member = { projectId: share.projectId, userId: person.id };
    if (!findMembership(tx, share.projectId, person.id)) {
      if (sharerCompany === null || sharerCompany !== person.companyId) continue;
      insertMember(tx, ctx, member, 'workspace');
      tellChange(tx, { ...ctx, person }, 'member.added', member, 'workspace');
    }
    tx.update(shares).set({ granteeId: person.id }).where(eq(shares.id, share.id)).run();
  }
}
