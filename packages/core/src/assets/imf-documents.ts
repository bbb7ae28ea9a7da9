/** Reads documents of IMF packages from stored files. */
import { mayBeImfDocument, readImfDocument, type ImfDocument } from '@turnover/domain/media/imf-documents';
import { decodeText } from '@turnover/domain/text-encodings';
import type { Storage } from '../storage.ts';

type Reading = Pick<Storage, 'readBeginning'>;
type StoredFile = { assetId: string; sizeBytes: number };

/** Caches parsed documents by asset id, because the bytes of an asset never change. */
const known = new Map<string, ImfDocument | null>();
const maxKnown = 200;

export async function readImfDocuments(
  storage: Reading,
  files: readonly StoredFile[],
): Promise<ImfDocument[]> {
  const documents: ImfDocument[] = [];
  for (const { assetId, sizeBytes } of files) {
    let document = known.get(assetId);
    if (document === undefined) {
      const decoded = decodeText(await storage.readBeginning(assetId, sizeBytes));
      document = 'text' in decoded ? readImfDocument(decoded.text) : null;
      if (known.size >= maxKnown) known.delete(known.keys().next().value!);
      known.set(assetId, document);
    }
    if (document) documents.push(document);
  }
  return documents;
}

/** Null when the file is too large or is not an asset map. */
export async function readAssetMap(
  storage: Reading,
  file: StoredFile & { path: string },
): Promise<readonly { id: string; path: string }[] | null> {
  if (!mayBeImfDocument(file.path, file.sizeBytes)) return null;
  const [document] = await readImfDocuments(storage, [file]);
  return document?.kind === 'assetmap' ? document.assets : null;
}
