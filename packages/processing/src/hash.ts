/** Computes checksums of a growing file in one pass, in steps whose state can be saved and restored. */
import { closeSync, openSync, readSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  createBLAKE2b,
  createBLAKE3,
  createCRC32,
  createMD5,
  createSHA1,
  createSHA224,
  createSHA256,
  createSHA384,
  createSHA512,
  createXXHash128,
  createXXHash3,
  createXXHash32,
  createXXHash64,
  type IHasher,
} from 'hash-wasm';
import { c4Id } from '@turnover/domain/media/c4';
import type { ChecksumAlgorithm } from '@turnover/domain/media/checksums';

/** The state of each algorithm in base64. It can contain hashed bytes, so it is as confidential as the file. */
export type HashStates = Record<string, string>;
export type HashValues = Partial<Record<ChecksumAlgorithm, string>>;

export type HashStep = {
  path: string;
  /** Start of the step in bytes; `states` cover the bytes before it. */
  from: number;
  to: number;
  algorithms: readonly ChecksumAlgorithm[];
  /** Null at the beginning of a file. */
  states: HashStates | null;
};

export type HashProgress = { signal?: AbortSignal; progress?: (share: number) => void };

/** Thrown when the file has fewer bytes than recorded. */
export class BytesMissingError extends Error {
  constructor() {
    super('The file is shorter than it should be.');
    this.name = 'BytesMissingError';
  }
}

const bufferBytes = 1024 * 1024;
/** How much to hash between two turns of the event loop, where cancel messages arrive: 7 ms of xxh128. */
const bytesPerTurn = 16 * bufferBytes;

/** Returns the states after the step, and the checksums of a file that ends there. */
export async function hashStep(
  step: HashStep,
  { signal, progress }: HashProgress = {},
): Promise<{ states: HashStates; values: HashValues }> {
  const hashers = await makeHashers(step);
  // Reuses one buffer with readSync, which needs no allocation and no switch of threads per piece.
  const buffer = Buffer.allocUnsafe(bufferBytes);
  const file = step.to > step.from ? openSync(step.path, 'r') : null;
  try {
    for (let offset = step.from; offset < step.to;) {
      const read = readSync(file!, buffer, 0, Math.min(bufferBytes, step.to - offset), offset);
      if (read === 0) throw new BytesMissingError();
      const piece = buffer.subarray(0, read);
      for (const [, hasher] of hashers) hasher.update(piece);
      if (Math.floor((offset + read) / bytesPerTurn) > Math.floor(offset / bytesPerTurn)) await nextTurn();
      signal?.throwIfAborted();
      offset += read;
      progress?.((offset - step.from) / (step.to - step.from));
    }
  } finally {
    if (file !== null) closeSync(file);
  }
  return {
    states: Object.fromEntries(
      hashers.map(([algorithm, hasher]) => [algorithm, Buffer.from(hasher.save()).toString('base64')]),
    ),
    values: Object.fromEntries(hashers.map(([algorithm, hasher]) => [algorithm, valueOf(algorithm, hasher)])),
  };
}

export const makers: Record<ChecksumAlgorithm, () => Promise<IHasher>> = {
  xxh128: () => createXXHash128(),
  xxh64: () => createXXHash64(),
  xxh3: () => createXXHash3(),
  xxh32: () => createXXHash32(),
  crc32: () => createCRC32(),
  md5: () => createMD5(),
  sha1: () => createSHA1(),
  sha224: () => createSHA224(),
  sha256: () => createSHA256(),
  sha384: () => createSHA384(),
  sha512: () => createSHA512(),
  blake2b: () => createBLAKE2b(),
  blake3: () => createBLAKE3(),
  // A C4 ID is a SHA-512 in base 58.
  c4: () => createSHA512(),
};

export function valueOf(algorithm: ChecksumAlgorithm, hasher: IHasher): string {
  return algorithm === 'c4' ? c4Id(hasher.digest()) : hasher.digest();
}

async function makeHashers({ algorithms, states }: HashStep): Promise<[ChecksumAlgorithm, IHasher][]> {
  return Promise.all(
    algorithms.map(async (algorithm): Promise<[ChecksumAlgorithm, IHasher]> => {
      const hasher = await makers[algorithm]();
      hasher.init();
      if (states === null) return [algorithm, hasher];
      const state = states[algorithm];
      if (!state) throw new Error(`The state of ${algorithm} is missing.`);
      return [algorithm, hasher.load(Buffer.from(state, 'base64'))];
    }),
  );
}
