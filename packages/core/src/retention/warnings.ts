/** Warns owners 30, 7 and 1 days before their Workspace ends, once each, if they would lose files. */
import { setImmediate as turn } from 'node:timers/promises';
import { and, eq, sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { retentionWarnings } from '@turnover/db/schema/retention';
import { inTransaction } from '@turnover/db/transaction';
import { dayMs } from '@turnover/domain/days';
import { fairWarningMs, warningDays, warningDue } from '@turnover/domain/workspace/retention';
import type { Context } from '../context.ts';
import { ownerHasAccess } from '../entries/access.ts';
import { inSubmittedRound } from '../entries/deliveries.ts';
import { placeKeyOf } from '../entries/lookup.ts';
import { notify } from '../notifications/inbox.ts';
import { endingWorkspaces, type EndingWorkspace } from './expiry.ts';

/** Sends the due warnings and returns their number. Yields to the event loop after each Workspace. */
export async function warnOfExpiry(ctx: Context): Promise<{ warned: number }> {
  const now = ctx.clock();
  let warned = 0;
  for (const workspace of endingWorkspaces(ctx.db, now + warningDays[0] * dayMs)) {
    const days = dueFor(ctx.db, workspace, now);
    if (days === null) continue;
    const losing = wouldBeLost(ctx.db, workspace);
    if (losing.files > 0 && warn(ctx, workspace, days, losing)) warned++;
    await turn();
  }
  return { warned };
}

type Losing = { files: number; sizeBytes: number };

/**
 * The warning that is due, as a number of days; null when none is. An end that was set too late for a warning gets one when
 * it comes.
 */
function dueFor(db: Reader, { projectId, ownerId, expiresAt }: EndingWorkspace, now: number): number | null {
  const given = db
    .select({ days: retentionWarnings.days })
    .from(retentionWarnings)
    .where(
      and(
        eq(retentionWarnings.projectId, projectId),
        eq(retentionWarnings.userId, ownerId),
        eq(retentionWarnings.expiresAt, expiresAt),
      ),
    )
    .all();
  if (now >= expiresAt) return given.length === 0 ? warningDays.at(-1)! : null;
  const due = warningDue(expiresAt, now);
  return given.some(({ days }) => days === due) ? null : due;
}

/** Returns false when another worker has sent the warning, or the owner has left the project. */
function warn(ctx: Context, workspace: EndingWorkspace, days: number, losing: Losing): boolean {
  const { projectId, ownerId, expiresAt } = workspace;
  const at = ctx.clock();
  return inTransaction(ctx.db, (tx) => {
    const { changes } = tx
      .insert(retentionWarnings)
      .values({ projectId, userId: ownerId, expiresAt, days, at })
      .onConflictDoNothing()
      .run();
    if (changes === 0) return false;
    if (!ownerHasAccess(tx, projectId, ownerId)) return false;
    const { email } = tx.select().from(users).where(eq(users.id, ownerId)).get()!;
    const warning = { userId: ownerId, email, kind: 'retention.warning', projectId, actorId: null } as const;
    const data = { days, expiresAt: Math.max(expiresAt, at + fairWarningMs), ...losing };
    notify(tx, ctx, { ...warning, data: { ...data, href: `/p/${projectId}/workspace` } });
    return true;
  });
}

function wouldBeLost(db: Reader, { projectId, ownerId }: EndingWorkspace): Losing {
  const placeKey = placeKeyOf({ projectId, ownerId, folderId: null });
  return db.get<Losing>(sql`
    with recursive kept(id, kind, asset_id, size_bytes) as (
      select id, kind, asset_id, size_bytes from entries where place_key = ${placeKey} and deleted_at is null
      union all
      select child.id, child.kind, child.asset_id, child.size_bytes
      from kept cross join entries as child on child.parent_id = kept.id and child.deleted_at is null
    )
    select count(*) as files, coalesce(sum(size_bytes), 0) as sizeBytes from kept
    where kind = 'file'
      and not ${inSubmittedRound(sql.raw('kept.asset_id'))}`)!;
}
