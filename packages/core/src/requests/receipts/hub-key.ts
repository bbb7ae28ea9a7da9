/** The key that seals receipts. It is made with the first submit, and stays in the database and its backups. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { Database, Reader, Transaction } from '@turnover/db/open';
import { hub } from '@turnover/db/schema/hub';
import { inTransaction } from '@turnover/db/transaction';
import { sealedText, type Seal } from '@turnover/domain/requests/receipt-seal';

type HubKey = { fingerprint: string; publicKey: string; seal(sha256: string): Seal };

export function hubKey(db: Database): HubKey {
  return findHubKey(db) ?? inTransaction(db, ensureHubKey);
}

export function ensureHubKey(tx: Transaction): HubKey {
  return findHubKey(tx) ?? makeKey(tx);
}

/** Null before the first submit. */
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
  return {
    fingerprint,
    publicKey,
    seal: (sha256) => ({
      algorithm: 'Ed25519',
      fingerprint,
      publicKey,
      sha256,
      signature: sign(null, Buffer.from(sealedText(sha256)), key).toString('base64'),
    }),
  };
}
