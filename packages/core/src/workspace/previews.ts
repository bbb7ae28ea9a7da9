/** Previews of entries, for their owner and for everybody they are shared with. */
import { inTransaction } from '@turnover/db/transaction';
import { notFound } from '@turnover/domain/errors';
import type { PreviewRunView } from '@turnover/domain/media/preview-runs';
import { askForPreviews, viewPreviewRuns } from '../assets/preview-runs.ts';
import type { PersonContext } from '../context.ts';
import { loadEntry, type SeenEntry } from '../entries/access.ts';

type Wanted = { projectId: string; entryIds: readonly string[] };

/** Throws `not_found` when an entry does not exist for the person. Folders have no previews. */
export function viewEntryPreviews(ctx: PersonContext, wanted: Wanted): PreviewRunView[] {
  return viewPreviewRuns(ctx, loadAll(ctx, wanted));
}

export function makeEntryPreviews(ctx: PersonContext, wanted: Wanted): PreviewRunView[] {
  inTransaction(ctx.db, (tx) => {
    const files = loadAll({ ...ctx, db: tx }, wanted).flatMap(({ assetId, name }) =>
      assetId === null ? [] : [{ assetId, name }],
    );
    askForPreviews(tx, ctx, files, { askedBy: ctx.person.id });
  });
  return viewEntryPreviews(ctx, wanted);
}

function loadAll(
  { db, ...asker }: Pick<PersonContext, 'person' | 'clock'> & { db: Parameters<typeof loadEntry>[0] },
  { projectId, entryIds }: Wanted,
): SeenEntry[] {
  return entryIds.map((id) => {
    const entry = loadEntry(db, asker, id);
    if (entry.projectId !== projectId) throw notFound();
    return entry;
  });
}
