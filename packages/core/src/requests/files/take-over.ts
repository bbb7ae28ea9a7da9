/** Takes over files of earlier rounds into the current round, so that their bytes need not be sent again. */
import { and, eq, gt, isNull, or } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { assets } from '@turnover/db/schema/assets';
import { deliveredFiles } from '@turnover/db/schema/requests';
import { inTransaction } from '@turnover/db/transaction';
import { HubError, notFound } from '@turnover/domain/errors';
import { requireRelativePath } from '@turnover/domain/names/refused-names';
import type { TakeOverInput } from '@turnover/domain/requests/known-files';
import { arrivalChecks } from '@turnover/domain/rules/pre-flight';
import { isBinding } from '@turnover/domain/rules/rule-codes';
import { loadRequest, seesOwnFilesOnly, type DeliveryRequest } from '../../access.ts';
import type { PersonContext } from '../../context.ts';
import { inList } from '../../in-list.ts';
import { refuseProblem, refuseSystemFile } from '../rule-checks.ts';
import { overridesOf } from '../rule-overrides.ts';
import { rulesOf } from '../types.ts';
import {
  addFiles,
  keysOfPath,
  refuseUploading,
  refuseUploadingFolder,
  type Delivery,
  type PathKeys,
} from './add.ts';

type WithKeys = Delivery & { keys: PathKeys };

/**
 * Adds files of earlier rounds under the given paths. Callers name them by id, never by checksum. Throws and adds none when
 * the person may not see one of them, its bytes are no longer stored, its path is taken, or its path breaks a rule.
 */
export function takeOverFiles(
  ctx: PersonContext,
  { id }: Pick<DeliveryRequest, 'id'>,
  files: TakeOverInput['files'],
): { added: number } {
  return inTransaction(ctx.db, (tx) => {
    const request = loadRequest(tx, ctx.person, id, 'file:add');
    const earlier = loadEarlier(tx, ctx, request, files);
    const deliveries = files.map(({ fileId, path: wanted }): WithKeys => {
      // Before the name check: there is no point in suggesting a better name for litter.
      refuseSystemFile(wanted);
      const path = requireRelativePath(wanted).join('/');
      const row = earlier.get(fileId);
      if (!row) throw notFound();
      const { assetId, sizeBytes, isManifest } = row;
      if (row.purgedAt !== null || row.state !== 'stored') {
        throw new HubError('conflict', 'This file is no longer stored. Send it again.');
      }
      return { path, assetId, sizeBytes, isManifest, keys: keysOfPath(path) };
    });
    requirePlaces(tx, request, deliveries);
    addFiles(tx, ctx, request, deliveries, { deliveredBy: ctx.person.id, replace: false });
    return { added: deliveries.length };
  });
}

/** Checks all files together: hundreds of single checks would hold the database lock for long. */
function requirePlaces(tx: Transaction, request: DeliveryRequest, deliveries: readonly WithKeys[]): void {
  const keys = deliveries.map((each) => each.keys.pathKey);
  refuseUploading(tx, request.id, keys);
  refuseUploadingFolder(tx, request.id, keys);
  const check = arrivalChecks(rulesOf(tx, request), overridesOf(tx, request.id));
  const broken = deliveries.flatMap(check).filter(isBinding);
  const first = broken.find(({ verdict }) => verdict === 'blocking') ?? broken[0];
  if (first) refuseProblem(first, broken.length);
}

/** The files that were part of a submitted round and that the person may see. */
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
