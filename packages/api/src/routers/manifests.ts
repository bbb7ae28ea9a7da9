/** Checksum lists of a request, compared with its files. */
import { listManifestEntries, listManifests } from '@turnover/core/manifests/view';
import {
  manifestEntriesInput,
  manifestEntryListView,
  manifestListView,
} from '@turnover/domain/manifests/views';
import { onRequest } from '../procedures.ts';
import { t } from '../trpc.ts';

export const manifestsRouter = t.router({
  /** The lists among the files, at most 500 of them. Who sees own files only gets own lists. */
  list: onRequest('request:view')
    .output(manifestListView)
    .query(({ ctx }) => listManifests(ctx.hub, ctx.request)),
  /** What differs, is missing, is not named by any list or cannot be checked yet, worst first; or all of one verdict. */
  entries: onRequest('request:view')
    .input(manifestEntriesInput)
    .output(manifestEntryListView)
    .query(({ ctx, input }) => listManifestEntries(ctx.hub, ctx.request, input)),
});
