/** Downloads, by the id of an entry, of one of its versions, or of a delivered file. The id of an asset opens nothing. */
import { eq } from 'drizzle-orm';
import { assets } from '@turnover/db/schema/assets';
import { HubError, notFound } from '@turnover/domain/errors';
import { isId } from '@turnover/domain/ids';
import { lastSegment } from '@turnover/domain/names/names';
import { versionName } from '@turnover/domain/workspace/versions';
import { loadDeliveredFile } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { loadEntry } from '../entries/access.ts';
import { findVersion } from '../entries/versions.ts';

export type Download = { assetId: string; name: string; sizeBytes: number; etag: string };

/**
 * Throws `not_found` for anything the person may not see or that has no bytes, `forbidden` without the permission to
 * download, and `still_verifying` until the hash is there.
 */
export function openDownload(ctx: PersonContext, id: string): Download {
  const { assetId, name } = fileOf(ctx, id);
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

function fileOf(ctx: PersonContext, id: string): { assetId: string | null; name: string } {
  if (isId('entry', id)) return loadEntry(ctx.db, ctx, id);
  return isId('entryVersion', id) ? versionFile(ctx, id) : deliveredFile(ctx, id);
}

/** Access to the entry includes its versions. */
function versionFile(ctx: PersonContext, id: string): { assetId: string; name: string } {
  const version = findVersion(ctx.db, id);
  if (!version) throw notFound();
  const { name } = loadEntry(ctx.db, ctx, version.entryId);
  return { assetId: version.assetId, name: versionName(name, version.number) };
}

function deliveredFile(ctx: PersonContext, id: string): { assetId: string; name: string } {
  const { file } = loadDeliveredFile(ctx.db, ctx.person, id, 'file:download');
  if (file.removedAt !== null) throw notFound();
  return { assetId: file.assetId, name: lastSegment(file.path) };
}
