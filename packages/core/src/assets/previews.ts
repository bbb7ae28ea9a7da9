/** Which previews there are of an asset. Their files are in storage. */
import { eq } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { assetPreviews } from '@turnover/db/schema/assets';
import type { Context } from '../context.ts';
import type { StoredPreview } from '../storage.ts';

/** Previews are made anew when the same bytes are delivered again. */
export function recordPreviews(
  tx: Transaction,
  { clock }: Pick<Context, 'clock'>,
  assetId: string,
  previews: readonly StoredPreview[],
): void {
  for (const { kind, sizeBytes } of previews) {
    tx.insert(assetPreviews)
      .values({ assetId, kind, sizeBytes, createdAt: clock() })
      .onConflictDoUpdate({ target: [assetPreviews.assetId, assetPreviews.kind], set: { sizeBytes } })
      .run();
  }
}

export function previewsOf(db: Reader, assetId: string): StoredPreview[] {
  return db
    .select({ kind: assetPreviews.kind, sizeBytes: assetPreviews.sizeBytes })
    .from(assetPreviews)
    .where(eq(assetPreviews.assetId, assetId))
    .all();
}
