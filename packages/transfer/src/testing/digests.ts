// For tests: digests by functions that the product does not call.
import { createHash } from 'node:crypto';
import { xxhash128, xxhash3, xxhash64 } from 'hash-wasm';

const xxHashes: Record<string, (bytes: Buffer) => Promise<string>> = {
  xxh64: (bytes) => xxhash64(bytes),
  xxh3: (bytes) => xxhash3(bytes),
  xxh128: (bytes) => xxhash128(bytes),
};

export async function digestOf(algorithm: string, bytes: Buffer): Promise<Buffer> {
  const hash = xxHashes[algorithm];
  return hash ? Buffer.from(await hash(bytes), 'hex') : createHash(algorithm).update(bytes).digest();
}
