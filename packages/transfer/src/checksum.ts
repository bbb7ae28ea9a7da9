// The tus checksum extension: parses a chunk's Upload-Checksum header and checks it against the bytes in the file.
import { createHash } from 'node:crypto';
import { read } from 'node:fs';
import { promisify } from 'node:util';
import { createXXHash128, createXXHash3, createXXHash64, type IHasher } from 'hash-wasm';

const readBytes = 2 * 1024 * 1024;

type Hasher = { update(bytes: Uint8Array): unknown; digest(): Uint8Array };

/** xxHash digests have the order of bytes that xxhsum prints: the most significant first. */
const xxHashes: Readonly<Record<string, () => Promise<Hasher>>> = {
  xxh64: async () => binary(await createXXHash64()),
  xxh3: async () => binary(await createXXHash3()),
  xxh128: async () => binary(await createXXHash128()),
};

/** The names of the protocol and of Node, then those of checksum lists. */
export const checksumAlgorithms = ['sha1', 'md5', 'sha256', 'sha512', ...Object.keys(xxHashes)];

export type ChunkChecksum = {
  algorithm: string;
  digest: Buffer;
};

/** Returns null for anything but a known algorithm, one space and base64. A digest of the wrong length matches no file. */
export function parseChecksum(header: string): ChunkChecksum | null {
  const match = /^([a-z0-9]+) ([A-Za-z0-9+/]+={0,2})$/.exec(header);
  if (!match) return null;
  const [, algorithm, encoded] = match as unknown as [string, string, string];
  if (!checksumAlgorithms.includes(algorithm)) return null;
  return { algorithm, digest: Buffer.from(encoded, 'base64') };
}

const readAt = promisify(read);

// Reads back from the file instead of hashing the network's buffers: the written bytes are what counts, and a checksum
// in a trailer is known only after the body.
export async function fileHasChecksum(
  fd: number,
  from: number,
  to: number,
  checksum: ChunkChecksum,
): Promise<boolean> {
  const hash = await hasherFor(checksum.algorithm);
  const buffer = Buffer.allocUnsafe(Math.min(readBytes, Math.max(1, to - from)));
  for (let position = from; position < to;) {
    const { bytesRead } = await readAt(fd, buffer, 0, Math.min(buffer.length, to - position), position);
    if (bytesRead === 0) return false;
    hash.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
  return checksum.digest.equals(hash.digest());
}

async function hasherFor(algorithm: string): Promise<Hasher> {
  return xxHashes[algorithm]?.() ?? createHash(algorithm);
}

function binary(hasher: IHasher): Hasher {
  return { update: (bytes) => hasher.update(bytes), digest: () => hasher.digest('binary') };
}
