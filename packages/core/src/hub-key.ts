/** The key that seals receipts and the audit log. It is made with the first seal, and stays in the database and its backups. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { Database, Reader, Transaction } from '@turnover/db/open';
import { hub } from '@turnover/db/schema/hub';
import { inTransaction } from '@turnover/db/transaction';
import { sealedText, type Seal } from '@turnover/domain/requests/receipt-seal';

type HubKey = {
  fingerprint: string;
  publicKey: string;
  /** Signs a text, in base64. Texts of different kinds must differ in their first word. */
  sign(text: string): string;
  /** Seals a receipt. */
  seal(sha256: string): Seal;
};

export function hubKey(db: Database): HubKey {
  return findHubKey(db) ?? inTransaction(db, ensureHubKey);
}

export function ensureHubKey(tx: Transaction): HubKey {
  return findHubKey(tx) ?? makeKey(tx);
}

/** Null before the first seal. */
export function findHubKey(db: Reader): HubKey | null {
  const stored = db.select({ key: hub.receiptKey }).from(hub).get()?.key;
  return stored ? keyFrom(stored) : null;
}

function makeKey(tx: Transaction): HubKey {
  const { privateKey } = generateKeyPairSync('ed25519');
  const stored = privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64');
  tx.update(hub).set({ receiptKey: stored }).run();
  return keyFrom(stored);
}

function keyFrom(stored: string): HubKey {
  const key = createPrivateKey({ key: Buffer.from(stored, 'base64'), format: 'der', type: 'pkcs8' });
  const der = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const publicKey = der.toString('base64');
  const fingerprint = createHash('sha256').update(der).digest('hex');
  const signText = (text: string) => sign(null, Buffer.from(text), key).toString('base64');
  return {
    fingerprint,
    publicKey,
    sign: signText,
    seal: (sha256) => ({
      algorithm: 'Ed25519',
      fingerprint,
      publicKey,
      sha256,
      signature: signText(sealedText(sha256)),
    }),
  };
}
