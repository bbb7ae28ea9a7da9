/** Opens downloads by the id of an entry, of one of its versions, or of a delivered file. Asset ids are not accepted. */
import { and, eq } from 'drizzle-orm';
import { assets } from '@turnover/db/schema/assets';
import { HubError, notFound } from '@turnover/domain/errors';
import { isId } from '@turnover/domain/ids';
import { playableOriginal } from '@turnover/domain/media/playable';
import { previewTypes, type PreviewKind } from '@turnover/domain/media/previews';
import { lastSegment } from '@turnover/domain/names/names';
import { versionName } from '@turnover/domain/workspace/versions';
import { loadDeliveredFile } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { loadEntry } from '../entries/access.ts';
import { findVersion } from '../entries/versions.ts';
import { previewsOf } from '../previews.ts';

export type Download = {
  assetId: string;
  name: string;
  projectId: string;
  sizeBytes: number;
  etag: string;
};
/** `original`: the file itself, shown in the page. */
export type ShownKind = PreviewKind | 'original';
export type Shown = Download & {
  kind: ShownKind;
  /** The Content-Type to send. Never one that a browser would execute, such as HTML. */
  type: string;
};

/**
 * Throws `not_found` when the person may not see the file or it has no bytes, `forbidden` without the permission to download,
 * and `still_verifying` until the checksum is computed.
 */
export function openDownload(ctx: PersonContext, id: string): Download {
  const { assetId, name, projectId } = fileOf(ctx, id);
  // Folders have no asset.
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
    projectId,
    sizeBytes: asset.sizeBytes,
    // Assets never change, so the id is as strong a validator as the checksum.
    etag: `"${asset.id}"`,
  };
}

/** The order in which `?preview` without a kind looks for a preview. */
const bestFirst: readonly PreviewKind[] = ['proxy', 'sound', 'poster', 'cues', 'peaks'];

/**
 * Opens a preview for people who may see the file, or the original for people who may download it. `kind`: null for the best
 * preview. Throws `not_found` when there is none.
 */
export function openShown(ctx: PersonContext, id: string, kind: ShownKind | null): Shown {
  if (kind === 'original') {
    const download = openDownload(ctx, id);
    const type = playableOriginal(download.name)?.type;
    if (type === undefined) throw notFound();
    return { ...download, kind, type };
  }
  const { assetId, name, projectId } = isId('deliveredFile', id) ? seenFile(ctx, id) : fileOf(ctx, id);
  const stored = eq(assets.state, 'stored');
  const asset = ctx.db
    .select({ id: assets.id })
    .from(assets)
    .where(and(eq(assets.id, assetId ?? ''), stored))
    .get();
  const found = asset ? previewsOf(ctx.db, asset.id) : [];
  const wanted = kind === null ? bestFirst : [kind];
  const preview = wanted.flatMap((each) => found.filter((one) => one.kind === each))[0];
  if (!asset || !preview) throw notFound();
  return {
    assetId: asset.id,
    name: `${name} ${preview.kind}`,
    projectId,
    sizeBytes: preview.sizeBytes,
    // Contains the time of creation, because a preview may be made again.
    etag: `"${asset.id}-${preview.kind}-${preview.createdAt}"`,
    kind: preview.kind,
    type: previewTypes[preview.kind],
  };
}

type Found = { assetId: string | null; name: string; projectId: string };

/** Includes files of earlier rounds, as long as their bytes are kept. */
function seenFile(ctx: PersonContext, id: string): Found {
  const { file, request } = loadDeliveredFile(ctx.db, ctx.person, id, 'file:view');
  if (file.purgedAt !== null) throw notFound();
  return { assetId: file.assetId, name: lastSegment(file.path), projectId: request.projectId };
}

function fileOf(ctx: PersonContext, id: string): Found {
  if (isId('entry', id)) return loadEntry(ctx.db, ctx, id);
  return isId('entryVersion', id) ? versionFile(ctx, id) : deliveredFile(ctx, id);
}

/** Access to the entry includes its versions. */
function versionFile(ctx: PersonContext, id: string): Found {
  const version = findVersion(ctx.db, id);
  if (!version) throw notFound();
  const { name, projectId } = loadEntry(ctx.db, ctx, version.entryId);
  return { assetId: version.assetId, name: versionName(name, version.number), projectId };
}

function deliveredFile(ctx: PersonContext, id: string): Found {
  const { file, request } = loadDeliveredFile(ctx.db, ctx.person, id, 'file:download');
  if (file.removedAt !== null) throw notFound();
  return { assetId: file.assetId, name: lastSegment(file.path), projectId: request.projectId };
}
