/** Checksums: which algorithms the hub knows, and how a sender declares one (`md5:d41d8…`). */
import { z } from 'zod';

/** Hexadecimal digits of each algorithm's value. xxHash values are big-endian, seed 0, as in ASC MHL. */
export const checksumDigits = { xxh128: 32, xxh64: 16, md5: 32 } as const;
export type ChecksumAlgorithm = keyof typeof checksumDigits;
export const checksumAlgorithms = Object.keys(checksumDigits) as ChecksumAlgorithm[];

/** Known of every stored byte. */
export const standardAlgorithm: ChecksumAlgorithm = 'xxh128';

export type Checksum = { algorithm: ChecksumAlgorithm; value: string };

export const checksumView = z.object({
  algorithm: z.enum(checksumAlgorithms as [ChecksumAlgorithm, ...ChecksumAlgorithm[]]),
  value: z.string(),
  /** `computed` by the hub from the stored bytes, or `declared` by the sender. */
  source: z.enum(['computed', 'declared']),
  at: z.number(),
});
export type ChecksumView = z.infer<typeof checksumView>;

/** `algorithm:hex` as declared by a sender, in any case. */
export function parseChecksum(text: string): Checksum | null {
  const [name = '', value = '', ...rest] = text.trim().toLowerCase().split(':');
  if (rest.length > 0 || !(name in checksumDigits)) return null;
  const algorithm = name as ChecksumAlgorithm;
  if (value.length !== checksumDigits[algorithm] || !/^[0-9a-f]+$/.test(value)) return null;
  return { algorithm, value };
}

export const declaredChecksumSchema = z
  .string()
  .max(200)
  .refine((text) => parseChecksum(text) !== null, {
    error: `Expected a checksum as ${checksumAlgorithms.map((name) => `${name}:<${checksumDigits[name]} hex digits>`).join(', ')}.`,
  });
