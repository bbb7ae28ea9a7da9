/** Space on the disk: what is free, less what was promised to the uploads that are going on. */
import { eq, sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { uploads } from '@turnover/db/schema/uploads';
import { HubError } from '@turnover/domain/errors';
import type { Context, Limits } from './context.ts';

/** What may still be sent: free on the disk, less what is kept free and what was promised. */
export async function availableSpace({ db, limits, storage }: Context): Promise<number> {
  return spaceLeft(db, limits, await storage.freeBytes());
}

function spaceLeft(db: Reader, { spaceReserveBytes }: Limits, freeBytes: number): number {
  return Math.max(0, freeBytes - reservedBytes(db) - spaceReserveBytes);
}

/** What every live upload still needs is as good as taken; bytes not yet durable count twice, on the safe side. */
export function requireSpace(db: Reader, limits: Limits, sizeBytes: number, freeBytes: number): void {
  const { maxUploadBytes } = limits;
  if (sizeBytes > maxUploadBytes) {
    throw new HubError('too_large', 'The file is larger than this hub takes.', { maxBytes: maxUploadBytes });
  }
  const availableBytes = spaceLeft(db, limits, freeBytes);
  if (sizeBytes > availableBytes) {
    throw new HubError('no_space', 'There is not enough space for this file.', {
      neededBytes: sizeBytes,
      availableBytes,
    });
  }
}

function reservedBytes(db: Reader): number {
  return db
    .select({ bytes: sql<number>`coalesce(sum(${uploads.sizeBytes} - ${uploads.durableOffset}), 0)` })
    .from(uploads)
    .where(eq(uploads.status, 'uploading'))
    .get()!.bytes;
}
