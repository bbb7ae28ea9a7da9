/** Recognises checksum lists among stored files: first by name, then by content. */
import { manifestSampleBytes, maxManifestBytes } from '@turnover/domain/manifests/manifest';
import { isManifestName } from '@turnover/domain/manifests/names';
import { looksLikeManifest } from '@turnover/domain/manifests/reading';
import type { Storage } from '../storage.ts';

export type ManifestCandidate = { name: string; assetId: string; sizeBytes: number };

/** True when the name and size suggest a checksum list, so that the content is worth reading. */
export function mayBeManifest({ name, sizeBytes }: Pick<ManifestCandidate, 'name' | 'sizeBytes'>): boolean {
  return isManifestName(name) && sizeBytes <= maxManifestBytes;
}

/** Reads the beginning of the file. Works for published assets only, so uploads are checked after publication. */
export async function isManifest(
  storage: Pick<Storage, 'readBeginning'>,
  candidate: ManifestCandidate,
): Promise<boolean> {
  if (!mayBeManifest(candidate)) return false;
  const beginning = await storage.readBeginning(candidate.assetId, manifestSampleBytes);
  const cut = candidate.sizeBytes > manifestSampleBytes;
  return looksLikeManifest(beginning, { path: candidate.name, cut });
}
