/** Checksums: the algorithms of the hub, and the form in which senders declare one (`md5:d41d8…`). */
import { z } from 'zod';

/**
 * The number of characters of a value. Values are hexadecimal digits in lower case, except for C4: `c4` and 88 letters
 * and digits that keep their case. xxHash values are big-endian with seed 0, as in ASC MHL.
 */
export const checksumDigits = {
  xxh128: 32,
  xxh64: 16,
  xxh3: 16,
  xxh32: 8,
  crc32: 8,
  md5: 32,
  sha1: 40,
  sha224: 56,
  sha256: 64,
  sha384: 96,
  sha512: 128,
  blake2b: 128,
  blake3: 64,
  c4: 90,
} as const;
export type ChecksumAlgorithm = keyof typeof checksumDigits;
export const checksumAlgorithms = Object.keys(checksumDigits) as ChecksumAlgorithm[];

/** The algorithm that the hub computes for every stored file. */
export const standardAlgorithm: ChecksumAlgorithm = 'xxh128';

export type Checksum = { algorithm: ChecksumAlgorithm; value: string };

export const checksumAlgorithmSchema = z.enum(
  checksumAlgorithms as [ChecksumAlgorithm, ...ChecksumAlgorithm[]],
);

/** `arrival`: computed while the bytes arrived. `reading`: computed later from the stored file. */
export const computedHows = ['arrival', 'reading'] as const;
export type ComputedHow = (typeof computedHows)[number];

export const checksumView = z.object({
  algorithm: checksumAlgorithmSchema,
  value: z.string(),
  /** `computed` by the hub from the stored bytes, or `declared` by the sender. */
  source: z.enum(['computed', 'declared']),
  at: z.number(),
  /** Null for a declared value, and for older values for which the hub did not record it. */
  how: z.enum(computedHows).nullable(),
});
export type ChecksumView = z.infer<typeof checksumView>;

/** Parses `algorithm:value` in any case; returns null for anything else. */
export function parseChecksum(text: string): Checksum | null {
  const [name = '', written = '', ...rest] = text.trim().split(':');
  const algorithm = name.toLowerCase();
  if (rest.length > 0 || !Object.hasOwn(checksumDigits, algorithm)) return null;
  const value = checksumValue(algorithm as ChecksumAlgorithm, written);
  return value === null ? null : { algorithm: algorithm as ChecksumAlgorithm, value };
}

const c4Id = /^c4[1-9A-HJ-NP-Za-km-z]{88}$/i;

/** Returns the value in the hub's form; null when it is not a value of this algorithm. */
export function checksumValue(algorithm: ChecksumAlgorithm, written: string): string | null {
  if (algorithm === 'c4') return c4Id.test(written) ? `c4${written.slice(2)}` : null;
  if (written.length !== checksumDigits[algorithm] || !/^[0-9a-f]+$/i.test(written)) return null;
  return written.toLowerCase();
}

export const declaredChecksumSchema = z
  .string()
  .max(200)
  .refine((text) => parseChecksum(text) !== null, {
    error: `Expected a checksum as ${checksumAlgorithms
      .map((name) => (name === 'c4' ? 'c4:<the C4 ID>' : `${name}:<${checksumDigits[name]} hex digits>`))
      .join(', ')}.`,
  });
