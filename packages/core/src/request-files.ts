/** What people do with the files of a request: rename, remove, clear, restore; and how a file gets in by an upload. */
import type { Transaction } from '@turnover/db/open';
import type { Request } from './access.ts';
import type { Context } from './context.ts';
import { addFiles } from './file-addition.ts';

type NewDeliveredFile = {
  request: Pick<Request, 'id'>;
  /** Folders and name, joined by `/`. */
  path: string;
  assetId: string;
  sizeBytes: number;
  deliveredBy: string;
  /** Take the place of the file that has this name now. */
  replace: boolean;
};

/** Adds one file and returns its id; throws `status_forbids` or `name_taken` when the request does not take it. */
export function addDeliveredFile(
  tx: Transaction,
  ctx: Pick<Context, 'clock' | 'newId'>,
  { request, deliveredBy, replace, ...file }: NewDeliveredFile,
): string {
  const { fileIds } = addFiles(tx, ctx, request.id, [{ ...file, isManifest: false }], {
    deliveredBy,
    replace,
  });
  return fileIds[0]!;
}
