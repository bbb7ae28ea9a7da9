/** Takes files of earlier rounds over into the present one, so that their bytes need not be sent again. */
import { and, eq, gt, isNull, or } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { assets } from '@turnover/db/schema/assets';
import { deliveredFiles } from '@turnover/db/schema/requests';
import { inTransaction } from '@turnover/db/transaction';
import { HubError, notFound } from '@turnover/domain/errors';
import { lastSegment } from '@turnover/domain/names/names';
import type { TakeOverInput } from '@turnover/domain/requests/known-files';
import { loadRequest, seesOwnFilesOnly, type DeliveryRequest } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { inList } from '../in-list.ts';
import { addFiles, type Delivery } from '../requests/files/add.ts';
import { requireFileRules } from '../requests/rule-checks.ts';
import { claimPlace, requireSegments } from './targets.ts';

/**
 * Adds them anew, under the given paths. They are named by their ids, never by a checksum. Throws, and adds none, when one of
 * them is not the person's to see or no longer stored, or when its path is taken or breaks a rule.
 */
export function takeOverFiles(
  ctx: PersonContext,
  { id }: Pick<DeliveryRequest, 'id'>,
  files: TakeOverInput['files'],
): { added: number } {
  return inTransaction(ctx.db, (tx) => {
    const request = loadRequest(tx, ctx.person, id, 'file:add');
    const earlier = loadEarlier(tx, ctx, request, files);
    const deliveries = files.map(({ fileId, path: wanted }): Delivery => {
      const segments = requireSegments({
        filename: lastSegment(wanted),
        relativePath: wanted,
        requestId: id,
      });
      const row = earlier.get(fileId);
      if (!row) throw notFound();
      const { assetId, sizeBytes, isManifest } = row;
      if (row.purgedAt !== null || row.state !== 'stored') {
        throw new HubError('conflict', 'This file is no longer stored. Send it again.');
      }
      const target = { projectId: request.projectId, request, place: null };
      const { path } = claimPlace(tx, ctx, target, segments, 'refuse');
      requireFileRules(tx, ctx, request, { path, sizeBytes }, null);
      return { path, assetId, sizeBytes, isManifest };
    });
    addFiles(tx, ctx, request, deliveries, { deliveredBy: ctx.person.id, replace: false });
    return { added: deliveries.length };
  });
}

/** Those that a submitted round had, and that the person may see. */
function loadEarlier(
  tx: Transaction,
  { person }: PersonContext,
  { id, projectId }: DeliveryRequest,
  files: TakeOverInput['files'],
) {
  const { addedRound, removedRound, deliveredBy, requestId } = deliveredFiles;
  const isOwn = seesOwnFilesOnly(tx, person, projectId) ? eq(deliveredBy, person.id) : undefined;
  const rows = tx
    .select({
      id: deliveredFiles.id,
      isManifest: deliveredFiles.isManifest,
      purgedAt: deliveredFiles.purgedAt,
      assetId: assets.id,
      sizeBytes: assets.sizeBytes,
      state: assets.state,
    })
    .from(deliveredFiles)
    .innerJoin(assets, eq(assets.id, deliveredFiles.assetId))
    .where(
      and(
        eq(requestId, id),
        or(isNull(removedRound), gt(removedRound, addedRound)),
        isOwn,
        inList(
          deliveredFiles.id,
          files.map(({ fileId }) => fileId),
        ),
      ),
    )
    .all();
  return new Map(rows.map((row) => [row.id, row]));
}
