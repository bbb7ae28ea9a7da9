/** Verifies the audit log: every entry against the one before, and the seals. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { gt } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { auditEntries, auditSeals } from '@turnover/db/schema/audit';
import {
  auditSealText,
  firstAuditHash,
  type AuditEntry,
  type AuditSeal,
} from '@turnover/domain/server/audit';
import { hashOfEntry } from './record.ts';
import { sealOf } from './seals.ts';

export type StoredEntry = AuditEntry & { hash: string };

/**
 * `missing`: entries are gone before this number. `changed`: the entry, or its place, is not what was hashed. `cut`: entries up
 * to the sealed one are gone. `not_sealed`: the entry differs from the sealed one. `forged`: the signature of a seal is wrong.
 */
export type AuditProblem = {
  problem: 'missing' | 'changed' | 'cut' | 'not_sealed' | 'forged';
  /** The number of the first broken entry. */
  seq: number;
};

/** `entries`: how many hold, from the first on. `sealed`: the number of the last entry that a seal covers; 0 without one. */
export type AuditCheck = { entries: number; sealed: number; broken: AuditProblem | null };

const pageSize = 2000;

/** Yields all entries, oldest first. */
export function* allEntries(db: Reader): Generator<StoredEntry, void, void> {
  let after = Number.MIN_SAFE_INTEGER;
  for (;;) {
    const page = db
      .select()
      .from(auditEntries)
      .where(gt(auditEntries.seq, after))
      .orderBy(auditEntries.seq)
      .limit(pageSize)
      .all();
    yield* page;
    if (page.length < pageSize) return;
    after = page.at(-1)!.seq;
  }
}

export function storedSeals(db: Reader): AuditSeal[] {
  return db.select().from(auditSeals).orderBy(auditSeals.seq).all().map(sealOf);
}

/** `seals`: those of the database, and those that somebody kept elsewhere. Returns the first problem. */
export async function verifyAuditLog(
  entries: Iterable<StoredEntry> | AsyncIterable<StoredEntry>,
  seals: readonly AuditSeal[],
): Promise<AuditCheck> {
  const forged = seals.find((seal) => !isSigned(seal));
  const bySeq = Map.groupBy(seals, ({ seq }) => seq);
  let last = { seq: 0, hash: firstAuditHash };
  let sealed = 0;
  const found = (broken: AuditProblem | null): AuditCheck => ({ entries: last.seq, sealed, broken });
  for await (const { hash, ...entry } of entries) {
    if (entry.seq !== last.seq + 1) return found({ problem: 'missing', seq: last.seq + 1 });
    if (hash !== hashOfEntry(last.hash, entry)) return found({ problem: 'changed', seq: entry.seq });
    const here = bySeq.get(entry.seq) ?? [];
    if (here.some((seal) => seal.hash !== hash)) return found({ problem: 'not_sealed', seq: entry.seq });
    last = { seq: entry.seq, hash };
    if (here.length > 0) sealed = entry.seq;
  }
  if (seals.some(({ seq }) => seq > last.seq)) return found({ problem: 'cut', seq: last.seq + 1 });
  return found(forged ? { problem: 'forged', seq: forged.seq } : null);
}

function isSigned({ publicKey, fingerprint, signature, ...sealed }: AuditSeal): boolean {
  try {
    const der = Buffer.from(publicKey, 'base64');
    if (createHash('sha256').update(der).digest('hex') !== fingerprint) return false;
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    return verify(null, Buffer.from(auditSealText(sealed)), key, Buffer.from(signature, 'base64'));
  } catch {
    // The key or the signature is malformed.
    return false;
  }
}
