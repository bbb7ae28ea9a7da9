/** Recognises checksum lists among stored bytes: the name promises one, the content decides. */
import { manifestSampleBytes, maxManifestBytes } from '@turnover/domain/manifests/manifest';
import { isManifestName } from '@turnover/domain/manifests/names';
import { looksLikeManifest } from '@turnover/domain/manifests/reading';
import type { Storage } from '../storage.ts';

export type ManifestCandidate = { name: string; assetId: string; sizeBytes: number };

/** Whether the content is worth a look. */
export function mayBeManifest({ name, sizeBytes }: Pick<ManifestCandidate, 'name' | 'sizeBytes'>): boolean {
  return isManifestName(name) && sizeBytes <= maxManifestBytes;
}

/** For published assets only: an upload being verified is looked at when its bytes are in their place. */
export async function isManifest(
  storage: Pick<Storage, 'readBeginning'>,
  candidate: ManifestCandidate,
): Promise<boolean> {
  if (!mayBeManifest(candidate)) return false;
  const beginning = await storage.readBeginning(candidate.assetId, manifestSampleBytes);
  const cut = candidate.sizeBytes > manifestSampleBytes;
  return looksLikeManifest(beginning, { path: candidate.name, cut });
}
