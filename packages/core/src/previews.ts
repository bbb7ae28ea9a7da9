/** Records which previews of an asset exist. Their files are in storage. */
import { eq } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { assetPreviews } from '@turnover/db/schema/assets';
import type { PreviewKind } from '@turnover/domain/media/previews';
import type { Context } from './context.ts';
import { inList } from './in-list.ts';
import type { StoredPreview } from './storage.ts';

/** Records previews. A newer version of the stage replaces them when the same bytes are delivered again. */
export function recordPreviews(
  tx: Transaction,
  { clock }: Pick<Context, 'clock'>,
  assetId: string,
  previews: readonly StoredPreview[],
): void {
  for (const { kind, sizeBytes } of previews) {
    tx.insert(assetPreviews)
      .values({ assetId, kind, sizeBytes, createdAt: clock() })
      .onConflictDoUpdate({
        target: [assetPreviews.assetId, assetPreviews.kind],
        set: { sizeBytes, createdAt: clock() },
      })
      .run();
  }
}

export function previewsOf(db: Reader, assetId: string): (StoredPreview & { createdAt: number })[] {
  return db
    .select({
      kind: assetPreviews.kind,
      sizeBytes: assetPreviews.sizeBytes,
      createdAt: assetPreviews.createdAt,
    })
    .from(assetPreviews)
    .where(eq(assetPreviews.assetId, assetId))
    .all();
}

/** The kinds of previews, keyed by asset id, for lists. Assets without previews are not in the map. */
export function previewKindsOf(db: Reader, assetIds: readonly string[]): Map<string, PreviewKind[]> {
  const rows = db
    .select({ assetId: assetPreviews.assetId, kind: assetPreviews.kind })
    .from(assetPreviews)
    .where(inList(assetPreviews.assetId, assetIds))
    .all();
  const byAsset = Map.groupBy(rows, ({ assetId }) => assetId);
  return new Map([...byAsset].map(([assetId, found]) => [assetId, found.map(({ kind }) => kind)]));
}
