// The tus checksum extension: what a chunk's Upload-Checksum header says, and whether the bytes in the file agree.
import { createHash } from 'node:crypto';
import { read } from 'node:fs';
import { promisify } from 'node:util';

const READ_BYTES = 2 * 1024 * 1024;

/** Each algorithm's name in the protocol and the length of its digest. */
const DIGEST_BYTES: Record<string, number> = { sha1: 20, md5: 16, sha256: 32, sha512: 64 };

export const CHECKSUM_ALGORITHMS = Object.keys(DIGEST_BYTES);

export interface ChunkChecksum {
  algorithm: string;
  digest: Buffer;
}

/** Null for anything but a known algorithm, one space and a digest of that algorithm's length in base64. */
export function parseChecksum(header: string): ChunkChecksum | null {
  const match = /^([a-z0-9]+) ([A-Za-z0-9+/]+={0,2})$/.exec(header);
  if (!match) return null;
  const [, algorithm, encoded] = match as unknown as [string, string, string];
  const digest = Buffer.from(encoded, 'base64');
  if (!Object.hasOwn(DIGEST_BYTES, algorithm) || digest.length !== DIGEST_BYTES[algorithm]) return null;
  return { algorithm, digest };
}

const readAt = promisify(read);

// Read back from the file rather than taken from the network's buffers: what counts is what was written, and a
// checksum that comes as a trailer is known only when the body is over.
export async function fileHasChecksum(
  fd: number,
  from: number,
  to: number,
  checksum: ChunkChecksum,
): Promise<boolean> {
  const hash = createHash(checksum.algorithm);
  const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, Math.max(1, to - from)));
  for (let position = from; position < to;) {
    const { bytesRead } = await readAt(fd, buffer, 0, Math.min(buffer.length, to - position), position);
    if (bytesRead === 0) return false;
    hash.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
  return hash.digest().equals(checksum.digest);
}
