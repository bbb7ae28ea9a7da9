/** Previews of delivered frames. They are made on demand, because processing makes none for frames. */
import type { Reader } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { notFound } from '@turnover/domain/errors';
import type { PreviewRunView } from '@turnover/domain/media/preview-runs';
import { lastSegment } from '@turnover/domain/names/names';
import { loadDeliveredFile, type DeliveredFile, type DeliveryRequest } from '../../access.ts';
import { askForPreviews, viewPreviewRuns } from '../../assets/preview-runs.ts';
import type { PersonContext } from '../../context.ts';

type Wanted = { request: Pick<DeliveryRequest, 'id'>; fileIds: readonly string[] };

/**
 * Throws `not_found` when the person does not see one of these files in this request. A file whose bytes were freed has
 * ended without previews: an earlier round still lists it.
 */
export function viewFilePreviews(ctx: PersonContext, wanted: Wanted): PreviewRunView[] {
  const files = loadAll(ctx.db, ctx, wanted);
  const purged = new Set(files.filter(({ purgedAt }) => purgedAt !== null).map(({ id }) => id));
  return viewPreviewRuns(ctx, files).map((view) =>
    purged.has(view.id) ? { ...view, previews: [], status: 'ended', reason: 'bytes_missing' } : view,
  );
}

export function makeFilePreviews(ctx: PersonContext, wanted: Wanted): PreviewRunView[] {
  inTransaction(ctx.db, (tx) => {
    const files = loadAll(tx, ctx, wanted)
      .filter(({ purgedAt }) => purgedAt === null)
      .map(({ assetId, path }) => ({ assetId, name: lastSegment(path) }));
    askForPreviews(tx, ctx, files, { askedBy: ctx.person.id });
  });
  return viewFilePreviews(ctx, wanted);
}

function loadAll(
  db: Reader,
  { person }: Pick<PersonContext, 'person'>,
  { request, fileIds }: Wanted,
): DeliveredFile[] {
  return fileIds.map((id) => {
    const { file } = loadDeliveredFile(db, person, id, 'file:view');
    if (file.requestId !== request.id) throw notFound();
    return file;
  });
}
