/** Recognises checksum lists among stored files: first by name, then by content. */
import { manifestSampleBytes, maxManifestBytes } from '@turnover/domain/manifests/manifest';
import { isManifestName } from '@turnover/domain/manifests/names';
import { looksLikeManifest } from '@turnover/domain/manifests/reading';
import type { Storage } from '../storage.ts';

export type ManifestCandidate = { name: string; assetId: string; sizeBytes: number };

/** True when the name and the size make it worth reading the content. */
export function mayBeManifest({ name, sizeBytes }: Pick<ManifestCandidate, 'name' | 'sizeBytes'>): boolean {
  return isManifestName(name) && sizeBytes <= maxManifestBytes;
}

/** Reads the beginning of the file. For published assets only; uploads are checked after their publication. */
export async function isManifest(
  storage: Pick<Storage, 'readBeginning'>,
  candidate: ManifestCandidate,
): Promise<boolean> {
  if (!mayBeManifest(candidate)) return false;
  const beginning = await storage.readBeginning(candidate.assetId, manifestSampleBytes);
  const cut = candidate.sizeBytes > manifestSampleBytes;
  return looksLikeManifest(beginning, { path: candidate.name, cut });
}
