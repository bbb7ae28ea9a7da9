/** The other files of a delivery, for the stage that compares a file with them. */
import { and, eq, isNull } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { assetChecksums, assets } from '@turnover/db/schema/assets';
import { deliveredFiles } from '@turnover/db/schema/requests';
import { maxImfDocumentBytes, mayBeImfDocument } from '@turnover/domain/media/imf-documents';
import { maxSiblings, type StageInput } from '@turnover/domain/media/stages';
import { lendAssets } from '../../lend-assets.ts';
import type { Storage } from '../../storage.ts';

export type Sibling = Omit<StageInput['siblings'][number], 'path'> & {
  assetId: string;
  /** Whether the stage reads the file's content. */
  isDocument: boolean;
};

const maxDocuments = 40;
/** Of these only the beginning is read: Dolby Vision metadata of a film are larger than any document of a package. */
const maxLargeDocuments = 10;

/** The present files of the same request, sorted by path. */
export function siblingsOf(
  db: Reader,
  { requestId }: Pick<typeof deliveredFiles.$inferSelect, 'requestId'>,
): Sibling[] {
  const isSha1 = and(
    eq(assetChecksums.assetId, assets.id),
    eq(assetChecksums.algorithm, 'sha1'),
    eq(assetChecksums.source, 'computed'),
  );
  const rows = db
    .select({
      name: deliveredFiles.path,
      assetId: assets.id,
      sizeBytes: assets.sizeBytes,
      sha1: assetChecksums.value,
      isChecksumList: deliveredFiles.isManifest,
    })
    .from(deliveredFiles)
    .innerJoin(assets, eq(assets.id, deliveredFiles.assetId))
    .leftJoin(assetChecksums, isSha1)
    .where(and(eq(deliveredFiles.requestId, requestId), isNull(deliveredFiles.removedAt)))
    .orderBy(deliveredFiles.pathKey)
    .limit(maxSiblings)
    .all();
  const left = { document: maxDocuments, large: maxLargeDocuments };
  return rows.map((row) => {
    const kind = mayBeImfDocument(row.name, row.sizeBytes) ? 'document' : 'large';
    const isDocument = (kind === 'document' || isLargeXml(row)) && left[kind] > 0;
    if (isDocument) left[kind] -= 1;
    return { ...row, isDocument };
  });
}

function isLargeXml({ name, sizeBytes }: Pick<Sibling, 'name' | 'sizeBytes'>): boolean {
  return sizeBytes > maxImfDocumentBytes && /\.xml$/i.test(name);
}

/** Gives `use` access to the bytes of the documents among the files, until it returns. */
export function lendSiblings<Result>(
  storage: Pick<Storage, 'lendAsset'>,
  siblings: readonly Sibling[],
  use: (siblings: StageInput['siblings']) => Promise<Result>,
): Promise<Result> {
  const documents = siblings.filter(({ isDocument }) => isDocument);
  const assetIds = documents.map(({ assetId }) => assetId);
  return lendAssets(storage, assetIds, (lent) => {
    const paths = new Map(documents.map((document, at) => [document, lent[at]!]));
    return use(
      siblings.map((sibling) => {
        const { assetId: _, isDocument: __, ...stated } = sibling;
        return { ...stated, path: paths.get(sibling) ?? null };
      }),
    );
  });
}
