/** Seals the audit log once a day with the hub's key. */
import { desc } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { auditSeals } from '@turnover/db/schema/audit';
import { inTransaction } from '@turnover/db/transaction';
import { dayMs } from '@turnover/domain/days';
import {
  auditSealFormat,
  auditSealText,
  type AuditSeal,
  type AuditStateView,
} from '@turnover/domain/server/audit';
import type { Context } from '../context.ts';
import { ensureHubKey } from '../hub-key.ts';
import { lastEntry } from './record.ts';

/**
 * Seals the newest entry, unless it is sealed or the last seal is younger than a day. The log of the process gets the seal too,
 * so that it is also kept outside the database.
 */
export function sealAuditLog(ctx: Context, everyMs: number = dayMs): AuditSeal | null {
  const last = newestSeal(ctx.db);
  if (last && ctx.clock() < last.at + everyMs) return null;
  const seal = inTransaction(ctx.db, (tx) => {
    const { seq, hash } = lastEntry(tx);
    if (seq === (newestSeal(tx)?.seq ?? 0)) return null;
    const key = ensureHubKey(tx);
    const at = ctx.clock();
    const { fingerprint, publicKey } = key;
    const signature = key.sign(auditSealText({ seq, hash, at }));
    tx.insert(auditSeals).values({ seq, hash, at, fingerprint, publicKey, signature }).run();
    return sealOf({ seq, hash, at, fingerprint, publicKey, signature });
  });
  if (seal) ctx.log('info', 'audit.sealed', { seq: seal.seq, hash: seal.hash });
  return seal;
}

export function newestSeal(db: Reader): AuditSeal | null {
  const row = db.select().from(auditSeals).orderBy(desc(auditSeals.seq)).limit(1).get();
  return row ? sealOf(row) : null;
}

export function sealOf(row: typeof auditSeals.$inferSelect): AuditSeal {
  return { format: auditSealFormat, algorithm: 'Ed25519', ...row };
}

export function auditState({ db }: Pick<Context, 'db'>): AuditStateView {
  return { entries: lastEntry(db).seq, seal: newestSeal(db) };
}
