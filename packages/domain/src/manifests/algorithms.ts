/**
 * Recognises the checksum algorithm of a list: from a label (`SHA2-256`, `XXH64_LE`), from a file extension, or only
 * from the length of a value.
 */
import { checksumDigits, checksumValue, type ChecksumAlgorithm } from '../media/checksums.ts';
import { lastSegment } from '../names/names.ts';

/** Algorithms by label. The keys contain only the letters and digits of a label, in upper case. */
const labels = new Map<string, ChecksumAlgorithm>([
  ['MD5', 'md5'],
  ...group('sha1', 'SHA SHA1 SHA160'),
  ...group('sha224', 'SHA224 SHA2224'),
  ...group('sha256', 'SHA256 SHA2256'),
  ...group('sha384', 'SHA384 SHA2384'),
  ...group('sha512', 'SHA512 SHA2512'),
  ...group('blake2b', 'BLAKE2B BLAKE2B512 B2'),
  ...group('blake3', 'BLAKE3 B3 BLAKE3256'),
  ...group('crc32', 'CRC32 CRC32B CRC'),
  ...group('xxh32', 'XXH32 XXHASH XXHASH32'),
  ...group('xxh64', 'XXH64 XXHASH64 XXHASH64BE XXH64BE'),
  ...group('xxh3', 'XXH3 XXH364 XXH364BITS XXHASH3 XXH3BE'),
  ...group('xxh128', 'XXH128 XXHASH128 XXH3128 XXH3128BITS XXH128BE'),
  ...group('c4', 'C4 C4ID'),
]);

/** Returns null for other labels, such as an HMAC or Whirlpool. `_LE` means that the bytes are reversed. */
export function algorithmOf(label: string): ChecksumAlgorithm | null {
  const plain = label.toUpperCase().replace(/[^A-Z0-9]/g, '');
  return labels.get(plain) ?? labels.get(plain.replace(/LE$/, '')) ?? null;
}

/**
 * Possible algorithms by the number of digits, in the order in which they are tried: the first is the one that tools
 * write by default.
 */
const byLength = new Map<number, readonly ChecksumAlgorithm[]>([
  [8, ['crc32', 'xxh32']],
  [16, ['xxh64', 'xxh3']],
  [32, ['md5', 'xxh128']],
  [40, ['sha1']],
  [56, ['sha224']],
  [64, ['sha256', 'blake3']],
  [96, ['sha384']],
  [128, ['sha512', 'blake2b']],
]);

/**
 * Returns the algorithms that a value without a label may have; empty when the value is no checksum. `hint` comes from
 * the name of the list.
 */
export function algorithmsFor(value: string, hint: ChecksumAlgorithm | null): readonly ChecksumAlgorithm[] {
  if (checksumValue('c4', value) !== null) return ['c4'];
  const candidates = byLength.get(value.length);
  if (!candidates || !/^[0-9a-f]+$/i.test(value)) return [];
  return hint !== null && checksumDigits[hint] === value.length ? [hint] : candidates;
}

/** Returns the algorithm in the name of a list: `A001.mov.md5`, `SHA256SUMS`, `manifest-sha512.txt`, `xxh3sum.txt`. */
export function algorithmHint(path: string): ChecksumAlgorithm | null {
  const name = lastSegment(path);
  const words = name.replace(/sums?(?=[._-]|$)/gi, '').split(/[._ -]+/);
  // The last word that names an algorithm decides: `md5.old.sha1` is a list of SHA-1.
  for (const word of words.toReversed()) {
    if (/^sfv$/i.test(word)) return 'crc32';
    // Tools write `.xxhash` for every variant of xxHash, so the length of the value decides.
    if (/^(xxhash|xxh|crc)$/i.test(word)) continue;
    const found = algorithmOf(word);
    if (found) return found;
  }
  return null;
}

const isXxHash: ReadonlySet<ChecksumAlgorithm> = new Set(['xxh32', 'xxh64', 'xxh3', 'xxh128']);

/** Returns the value with its bytes reversed, because tools write xxHash in either order; null for other algorithms. */
export function reversedBytes(algorithm: ChecksumAlgorithm, value: string): string | null {
  return isXxHash.has(algorithm) ? (value.match(/../g) ?? []).toReversed().join('') : null;
}

function group(algorithm: ChecksumAlgorithm, names: string): [string, ChecksumAlgorithm][] {
  return names.split(' ').map((name) => [name, algorithm]);
}
