// The tus checksum extension: what a chunk's Upload-Checksum header says, and whether the bytes in the file agree.
import { createHash } from 'node:crypto';
import { read } from 'node:fs';
import { promisify } from 'node:util';

const READ_BYTES = 2 * 1024 * 1024;

/** By their names in the protocol, which are Node's as well. */
export const CHECKSUM_ALGORITHMS = ['sha1', 'md5', 'sha256', 'sha512'];

export interface ChunkChecksum {
  algorithm: string;
  digest: Buffer;
}

/** Null for anything but a known algorithm, one space and base64. A digest of another length is one that nothing has. */
export function parseChecksum(header: string): ChunkChecksum | null {
  const match = /^([a-z0-9]+) ([A-Za-z0-9+/]+={0,2})$/.exec(header);
  if (!match) return null;
  const [, algorithm, encoded] = match as unknown as [string, string, string];
  if (!CHECKSUM_ALGORITHMS.includes(algorithm)) return null;
  return { algorithm, digest: Buffer.from(encoded, 'base64') };
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
