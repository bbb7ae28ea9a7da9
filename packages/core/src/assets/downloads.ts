/** Downloads, by the id of an entry or of a delivered file. The id of an asset opens nothing. */
import { eq } from 'drizzle-orm';
import { assets } from '@turnover/db/schema/assets';
import { HubError, notFound } from '@turnover/domain/errors';
import { isId } from '@turnover/domain/ids';
import { lastSegment } from '@turnover/domain/names/names';
import { loadDeliveredFile } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { loadEntry } from '../entries/access.ts';

export type Download = { assetId: string; name: string; sizeBytes: number; etag: string };

/**
 * Throws `not_found` for anything the person may not see or that has no bytes, `forbidden` without the permission to
 * download, and `still_verifying` until the hash is there.
 */
export function openDownload(ctx: PersonContext, id: string): Download {
  const { assetId, name } = isId('entry', id) ? loadEntry(ctx.db, ctx, id) : deliveredFile(ctx, id);
  // A folder has no asset.
  const asset = ctx.db
    .select()
    .from(assets)
    .where(eq(assets.id, assetId ?? ''))
    .get();
  if (!asset || (asset.state !== 'stored' && asset.state !== 'verifying')) throw notFound();
  if (asset.state === 'verifying') {
    throw new HubError('still_verifying', 'The file is still being verified. Try again in a moment.', {
      count: 1,
    });
  }
  return {
    assetId: asset.id,
    name,
    sizeBytes: asset.sizeBytes,
    // Assets never change, so the id is as strong a validator as the hash.
    etag: `"${asset.id}"`,
  };
}

function deliveredFile(ctx: PersonContext, id: string): { assetId: string; name: string } {
  const { file } = loadDeliveredFile(ctx.db, ctx.person, id, 'file:download');
  if (file.removedAt !== null) throw notFound();
  return { assetId: file.assetId, name: lastSegment(file.path) };
}
