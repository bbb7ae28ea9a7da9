/**
 * Compares a file with the bytes that the hub has of its upload, before the rest is sent: a mixture of two files must
 * never be stored.
 */
import { samplesOf } from '@turnover/domain/workspace/upload-samples';
import type { UploadFingerprintView } from '@turnover/domain/workspace/uploads';
import { hashFile } from '#lib/hashing/hash-file.ts';

type Compared = Pick<File, 'size' | 'lastModified' | 'slice'>;
type Ways = {
  /** Modification time of the file that the upload began with; null when unknown. */
  modifiedAt: number | null;
  /** Returns `xxh128:` and the hash; null for a file that cannot be read. */
  hashWhole: (part: Blob) => Promise<string | null>;
};

/**
 * Returns true when the file begins with the bytes of the upload. When the date is the same, samples decide. A file
 * with another date may be a copy, or a version that differs in one frame, so every byte that the hub has hashed is
 * compared, which takes less time than sending them.
 */
export async function beginsWith(
  file: Compared,
  { bytes, sampled, whole }: UploadFingerprintView,
  { modifiedAt, hashWhole }: Ways,
): Promise<boolean> {
  if (bytes === 0) return true;
  if (bytes > file.size) return false;
  const parts = samplesOf(bytes);
  const samples = new Blob(parts.map(({ from, to }) => file.slice(from, to)));
  if ((await hashFile(samples, silent())) !== `xxh128:${sampled}`) return false;
  if (modifiedAt === file.lastModified || parts.length === 1) return true;
  return whole !== null && (await hashWhole(file.slice(0, whole.bytes))) === `xxh128:${whole.xxh128}`;
}

function silent() {
  return { signal: new AbortController().signal, onprogress: () => {} };
}
