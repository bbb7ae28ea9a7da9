/** Where previews are made: an empty folder, and how large they may be. */
import type { PreviewFolder, Storage } from '@turnover/core/storage';

/** Bytes of one preview: a film of three hours has one of 1.1 GB. */
const maxPreviewBytes = 4 * 1024 ** 3;
/** A preview takes at most this part of what is free, and there are two large files at a time. */
const partOfFree = 0.1;

export type PreviewPlace = { folder: PreviewFolder; maxBytes: number };

/**
 * Gives `use` a folder that goes when it ends; null on a disk that is nearly full. `attemptId` has the token of a lease: an
 * attempt that has lost its lease removes its folder while the next one already runs.
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
