/** Provides the folder in which previews are made, and their size limit. */
import type { PreviewFolder, Storage } from '@turnover/core/storage';

/** The most bytes of one preview. That of a three-hour film has 1.1 GB. */
const maxPreviewBytes = 4 * 1024 ** 3;
/** The largest part of the free space for one preview. Two large previews may be made at a time. */
const partOfFree = 0.1;

export type PreviewPlace = { folder: PreviewFolder; maxBytes: number };

/**
 * Calls `use` with a temporary folder and removes it afterwards; with null when the disk is nearly full. `attemptId` contains
 * the lease token, so each attempt has its own folder: an attempt that lost its lease may remove its folder while the next
 * one runs.
 */
export async function withPreviewFolder<Result>(
  storage: Storage,
  attemptId: string,
  use: (place: PreviewPlace | null) => Promise<Result>,
): Promise<Result> {
  const maxBytes = Math.floor(Math.min(maxPreviewBytes, (await storage.freeBytes()) * partOfFree));
  if (maxBytes < 1024 ** 2) return use(null);
  const folder = await storage.openPreviewFolder(attemptId);
  try {
    return await use({ folder, maxBytes });
  } finally {
    await folder.remove();
  }
}
