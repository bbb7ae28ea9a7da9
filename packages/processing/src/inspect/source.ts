/** Random access to a file with a limit on the bytes read. Readers get this instead of a path, so they can open nothing else. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

export const mebibyte = 1024 * 1024;

export type Source = {
  readonly sizeBytes: number;
  readonly bytesRead: number;
  /** Returns fewer bytes at the end of the file, and none beyond the limit or for a position outside. */
  read(at: number, length: number): Buffer;
};

export type OpenFile = {
  readonly sizeBytes: number;
  /** Returns a view of the same file with its own byte limit. */
  limitedTo(maxBytes: number): Source;
  close(): void;
};

export function openFile(path: string): OpenFile {
  const file = openSync(path, 'r');
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new Error('Not a regular file.');
    return {
      sizeBytes: stat.size,
      limitedTo: (maxBytes) => limitedSource(stat.size, maxBytes, (at, length) => readAt(file, at, length)),
      close: () => closeSync(file),
    };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

export function limitedSource(
  sizeBytes: number,
  maxBytes: number,
  readBytes: (at: number, length: number) => Buffer,
): Source {
  let bytesRead = 0;
  return {
    sizeBytes,
    get bytesRead() {
      return bytesRead;
    },
    read(at, length) {
      const isInside = Number.isSafeInteger(at) && at >= 0 && at < sizeBytes;
      const size = isInside ? Math.min(length, sizeBytes - at, maxBytes - bytesRead) : 0;
      if (!(size > 0)) return Buffer.alloc(0);
      const bytes = readBytes(at, size);
      bytesRead += bytes.length;
      return bytes;
    },
  };
}

function readAt(file: number, at: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const read = readSync(file, buffer, filled, length - filled, at + filled);
    if (read === 0) break;
    filled += read;
  }
  return buffer.subarray(0, filled);
}
