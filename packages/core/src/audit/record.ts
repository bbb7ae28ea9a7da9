/** Writes entries of the audit log, each in the transaction of what it tells. */
import { createHash } from 'node:crypto';
import { desc } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { auditEntries } from '@turnover/db/schema/audit';
import { recordChanges } from '@turnover/db/transaction';
import {
  auditAreaOf,
  auditText,
  firstAuditHash,
  writeAuditDetails,
  type AuditEntry,
} from '@turnover/domain/server/audit';
import type { Context, Person } from '../context.ts';

/** What somebody did. */
export type Act = {
  /** `noun.verb`, as in the API. */
  action: string;
  /** Null when the hub itself acts, or when nobody is signed in. */
  actor: Pick<Person, 'id' | 'email'> | null;
  projectId?: string | null;
  /** The id of what it was done to. */
  subject?: string | null;
  details?: Record<string, unknown>;
};

type Acting = Pick<Context, 'clock' | 'caller'>;

export function recordAct(tx: Transaction, { clock, caller }: Acting, act: Act): void {
  const last = lastEntry(tx);
  const entry: AuditEntry = {
    seq: last.seq + 1,
    at: clock(),
    area: auditAreaOf(act.action),
    action: act.action,
    actorId: act.actor?.id ?? null,
    actor: act.actor?.email ?? null,
    via: caller?.via ?? 'hub',
    viaId: caller?.viaId ?? null,
    address: caller?.address ?? null,
    projectId: act.projectId ?? null,
    subject: act.subject ?? null,
    details: writeAuditDetails(act.details ?? {}),
  };
  tx.insert(auditEntries)
    .values({ ...entry, hash: hashOfEntry(last.hash, entry) })
    .run();
}

export function hashOfEntry(previous: string, entry: AuditEntry): string {
  return createHash('sha256').update(auditText(previous, entry)).digest('hex');
}

/** Number and hash of the newest entry; 0 and the first hash when there is none. */
export function lastEntry(db: Reader): { seq: number; hash: string } {
  const { seq, hash } = auditEntries;
  const last = db.select({ seq, hash }).from(auditEntries).orderBy(desc(seq)).limit(1).get();
  return last ?? { seq: 0, hash: firstAuditHash };
}

/**
 * Returns the context with which one act is done: its first transaction that changes rows also writes the entry. So an act
 * that fails or changes nothing leaves none. `describe` is called in that transaction, when the input has been checked.
 */
export function audited<Ctx extends Context>(ctx: Ctx, describe: () => Act): Ctx {
  let isWritten = false;
  const db = recordChanges(ctx.db, {
    record(tx) {
      if (!isWritten) recordAct(tx, ctx, describe());
    },
    committed() {
      isWritten = true;
    },
  });
  return { ...ctx, db };
}
