/**
 * The format and the seal of a receipt, and how both are verified. Used by browsers and the CLI, so it imports neither
 * zod nor Node modules: the caller passes the cryptography of its platform.
 */
export const receiptFormat = 'turnover-receipt';
export const receiptVersion = 1;

export type Seal = {
  algorithm: 'Ed25519';
  /** SHA-256 of the public key, as hexadecimal digits. */
  fingerprint: string;
  /** Base64 of its SubjectPublicKeyInfo. */
  publicKey: string;
  /** SHA-256 of the receipt in canonical form. */
  sha256: string;
  /** Base64 of the signature over `sealedText`. */
  signature: string;
};

/** Returns JSON without spaces and with the keys of each object sorted. Equal values give equal texts. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const parts = Object.keys(value)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson((value as Record<string, unknown>)[key])}`);
  return `{${parts.join(',')}}`;
}

/** Returns the text that is signed. It is short, so that a receipt of any length can be sealed while it is written. */
export function sealedText(sha256: string): string {
  return `${receiptFormat}:${receiptVersion}:${sha256}`;
}

export type ReceiptFile = {
  path: string;
  sizeBytes: number;
  hashes: readonly { algorithm: string; value: string }[];
};

export type ReceiptCheck =
  | { is: 'no_receipt' }
  | {
      is: 'receipt';
      /** True when the SHA-256 in the seal is that of the content. */
      contentHolds: boolean;
      /** True when the signature matches that SHA-256 and key, and the key matches its fingerprint. */
      signatureHolds: boolean;
      /**
       * True when another program rewrote the file. Differences in spaces and order are allowed; every other change
       * breaks the seal.
       */
      isRewritten: boolean;
      seal: Seal;
      receipt: Record<string, unknown> & { files: readonly ReceiptFile[] };
    };

/**
 * Verifies the seal of a receipt. The file cannot prove whose key it is: compare the fingerprint with the one that the
 * hub shows.
 */
export async function checkReceipt(text: string, subtle: Subtle): Promise<ReceiptCheck> {
  const read = readSealed(text);
  if (!read) return { is: 'no_receipt' };
  const { receipt, seal } = read;
  const sha256 = hexOf(await subtle.digest('SHA-256', bytesOf(canonicalJson(receipt))));
  return {
    is: 'receipt',
    contentHolds: sha256 === seal.sha256,
    signatureHolds: await isSignedBy(seal, subtle),
    isRewritten: canonicalJson({ receipt, seal }) !== text.trim(),
    seal,
    receipt,
  };
}

/** The part of WebCrypto's `SubtleCrypto` that is needed. */
type Subtle = {
  digest(name: 'SHA-256', bytes: Bytes): Promise<ArrayBuffer>;
  // Each platform has its own type of keys.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  importKey(format: 'spki', key: Bytes, name: 'Ed25519', extractable: false, uses: ['verify']): Promise<any>;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  verify(name: 'Ed25519', key: any, signature: Bytes, data: Bytes): Promise<boolean>;
};
type Bytes = Uint8Array<ArrayBuffer>;

async function isSignedBy(
  { publicKey, fingerprint, signature, sha256 }: Seal,
  subtle: Subtle,
): Promise<boolean> {
  try {
    const key = fromBase64(publicKey);
    if (hexOf(await subtle.digest('SHA-256', key)) !== fingerprint) return false;
    const imported: unknown = await subtle.importKey('spki', key, 'Ed25519', false, ['verify']);
    return await subtle.verify('Ed25519', imported, fromBase64(signature), bytesOf(sealedText(sha256)));
  } catch {
    // The key or the signature is malformed.
    return false;
  }
}

function readSealed(text: string): Pick<Extract<ReceiptCheck, { is: 'receipt' }>, 'receipt' | 'seal'> | null {
  try {
    const { receipt, seal } = JSON.parse(text) as { receipt: { files: ReceiptFile[] }; seal: Seal };
    const { format, version, files } = receipt as Record<string, unknown>;
    const isKnown = format === receiptFormat && version === receiptVersion && Array.isArray(files);
    const isSealed = [seal.fingerprint, seal.publicKey, seal.sha256, seal.signature].every(
      (part) => typeof part === 'string',
    );
    // Throws when the JSON is nested too deeply.
    if (!isKnown || !isSealed || !files.every(isFile)) return null;
    canonicalJson(receipt);
    return { receipt, seal };
  } catch {
    return null;
  }
}

function isFile(file: unknown): file is ReceiptFile {
  const { path, sizeBytes, hashes } = file as ReceiptFile;
  return typeof path === 'string' && typeof sizeBytes === 'number' && Array.isArray(hashes);
}

function bytesOf(text: string): Bytes {
  return new TextEncoder().encode(text);
}

function fromBase64(text: string): Bytes {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

function hexOf(bytes: ArrayBuffer): string {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
