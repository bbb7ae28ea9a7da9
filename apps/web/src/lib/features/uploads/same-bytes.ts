/** Compares a file with what the hub has of its upload, before the rest is sent: a mixture of two files helps nobody. */
import { samplesOf } from '@turnover/domain/workspace/upload-samples';
import type { UploadFingerprintView } from '@turnover/domain/workspace/uploads';
import { hashFile } from '#lib/hashing/hash-file.ts';

type Compared = Pick<File, 'size' | 'lastModified' | 'slice'>;
type Ways = {
  /** When the file was changed that the upload began with; null: nobody knows. */
  modifiedAt: number | null;
  /** `xxh128:` and the hash; null for a file that cannot be read. */
  hashWhole: (part: Blob) => Promise<string | null>;
};

/**
 * Whether the file begins with the bytes of the upload. With the same date, samples tell. A file with another date may be a copy, or
 * a version that differs in one frame: every byte that the hub has hashed is compared, which takes less time than sending them.
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
