/** Checksum lists of a request and their comparison with its files. */
import { listManifestEntries, listManifests } from '@turnover/core/manifests/entries';
import {
  manifestEntriesInput,
  manifestEntryListView,
  manifestListView,
} from '@turnover/domain/manifests/views';
import { onRequest } from '../procedures.ts';
import { t } from '../trpc.ts';

export const manifestsRouter = t.router({
  /** At most 500 lists. People who see only their own files get only their own lists. */
  list: onRequest('request:view')
    .output(manifestListView)
    .query(({ ctx }) => listManifests(ctx.hub, ctx.request)),
  /** Entries that differ, are missing, unlisted or still pending, worst first; or all entries with one verdict. */
  entries: onRequest('request:view')
    .input(manifestEntriesInput)
    .output(manifestEntryListView)
    .query(({ ctx, input }) => listManifestEntries(ctx.hub, ctx.request, input)),
});
