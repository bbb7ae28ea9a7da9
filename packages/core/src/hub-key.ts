/**
 * The key that seals receipts and the audit log, and encrypts secrets of people. It is made when it is first needed, and stays in
 * the database and its backups.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
  sign,
} from 'node:crypto';
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
  /** Encrypts a secret for a column of the database. `owner`: the id of the row, without which it cannot be opened. */
  encrypt(secret: Buffer, owner: string): string;
  /** Throws when the text was changed or belongs to another row. */
  decrypt(sealed: string, owner: string): Buffer;
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
    ...boxOf(key.export({ format: 'der', type: 'pkcs8' })),
  };
}

const ivBytes = 12;
const tagBytes = 16;

/** AES-256-GCM with a key that is derived from the hub's key, so that there is one key to keep. */
function boxOf(privateKey: Buffer): Pick<HubKey, 'encrypt' | 'decrypt'> {
  const key = Buffer.from(hkdfSync('sha256', privateKey, '', 'turnover secrets of people', 32));
  return {
    encrypt(secret, owner) {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(owner));
      const text = Buffer.concat([cipher.update(secret), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64');
    },
    decrypt(sealed, owner) {
      const bytes = Buffer.from(sealed, 'base64');
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes), {
        authTagLength: tagBytes,
      });
      decipher.setAAD(Buffer.from(owner)).setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
      return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]);
    },
  };
}
