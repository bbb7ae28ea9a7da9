/** Undoes the revocation of a share. */
import { and, eq, sql } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { entries } from '@turnover/db/schema/entries';
import { shares } from '@turnover/db/schema/shares';
import { inTransaction } from '@turnover/db/transaction';
import { HubError, notFound } from '@turnover/domain/errors';
import { undoRevokeMs } from '@turnover/domain/workspace/shares';
import type { Entry } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { accessTo, type Asker } from '../entries/access.ts';
import { signalWorkspace } from '../entries/places.ts';
import { findUnrevoked, type Share } from './access.ts';
import { notifyReceived, withdrawEnded } from './notices.ts';
import { countShares } from './revoke.ts';

/** Loads a share that the caller revoked recently. Throws `not_found` for everybody else. */
export function loadRevoked(db: Reader, asker: Asker, shareId: string): Share {
  const share = db
    .select()
    .from(shares)
    .where(and(eq(shares.id, shareId), eq(shares.revokedBy, asker.person.id)))
    .get();
  const entry = share && entryOf(db, share);
  if (!entry || !accessTo(db, asker, entry)) throw notFound();
  return share;
}

/**
 * Restores a share and those that ended with it. Throws `conflict` after some minutes, when the share that it depends on has
 * ended, or when the entry was shared with the person again.
 */
export function undoRevocation(ctx: PersonContext, shareId: string): void {
  inTransaction(ctx.db, (tx) => {
    const share = loadRevoked(tx, ctx, shareId);
    if (share.revokedAt! < ctx.clock() - undoRevokeMs) throw tooLate();
    if (share.parentId !== null && isRevoked(tx, share.parentId)) throw tooLate();
    if (findUnrevoked(tx, share)) throw tooLate();
    for (const ended of endedWith(tx, share)) restore(tx, ctx, ended);
  });
}

function tooLate(): HubError {
  return new HubError('conflict', 'It is too late to undo. Share it again.');
}

function isRevoked(tx: Transaction, shareId: string): boolean {
  return tx.select().from(shares).where(eq(shares.id, shareId)).get()?.revokedAt != null;
}

/** The share, and the dependent shares that ended at the same time. Leaves out those that were made again since. */
function endedWith(tx: Transaction, { id, revokedAt, revokedBy }: Share): Share[] {
  const ids = sql`
    with recursive ended(id) as (
      select ${id}
      union all
      select s.id from ended join shares s on s.parent_id = ended.id
      where s.revoked_at = ${revokedAt} and s.revoked_by = ${revokedBy}
        and not exists (select 1 from shares t where t.entry_id = s.entry_id and t.sharer_id = s.sharer_id
          and t.grantee_email = s.grantee_email and t.revoked_at is null)
    ) select id from ended`;
  return tx
    .select()
    .from(shares)
    .where(sql`${shares.id} in (${ids})`)
    .orderBy(shares.id)
    .all();
}

function restore(tx: Transaction, ctx: PersonContext, share: Share): void {
  const { id, entryId, projectId, granteeId: userId, granteeEmail: email } = share;
  tx.update(shares).set({ revokedAt: null, revokedBy: null }).where(eq(shares.id, id)).run();
  countShares(tx, entryId, 1);
  const entry = entryOf(tx, share)!;
  signalWorkspace(tx, ctx, { ...entry, folderId: entry.id });
  // Notifies people who have read that the share ended, and people whose invitation was withdrawn.
  if (withdrawEnded(tx, ctx, share)) return;
  notifyReceived(tx, ctx, { userId, email }, [{ entry, shareId: id }], { ...share, projectId });
}

function entryOf(db: Reader, { entryId }: Share): Entry | undefined {
  return db.select().from(entries).where(eq(entries.id, entryId)).get();
}
