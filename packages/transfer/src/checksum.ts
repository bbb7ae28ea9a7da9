// The tus checksum extension: parses a chunk's Upload-Checksum header and checks it against the bytes in the file.
import { createHash } from 'node:crypto';
import { read } from 'node:fs';
import { promisify } from 'node:util';

const readBytes = 2 * 1024 * 1024;

/** The protocol's names, which Node's hashes share. */
export const checksumAlgorithms = ['sha1', 'md5', 'sha256', 'sha512'];

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
  const hash = createHash(checksum.algorithm);
  const buffer = Buffer.allocUnsafe(Math.min(readBytes, Math.max(1, to - from)));
  for (let position = from; position < to;) {
    const { bytesRead } = await readAt(fd, buffer, 0, Math.min(buffer.length, to - position), position);
    if (bytesRead === 0) return false;
    hash.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
  return hash.digest().equals(checksum.digest);
}
