import { topics } from '@turnover/domain/events';
import { getLocale } from '@turnover/messages/locale';
import { windowRows } from '#lib/ui/tables/windowed-list.svelte.ts';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ fetch, params, depends }) => {
  const requestId = params.request;
  depends(topics.request(requestId), topics.uploads(), topics.reasons());
  const trpc = createClient(fetch);
  const [request, contents, { files }, history, uploads, reasons, rounds] = await Promise.all([
    trpc.requests.get.query({ requestId }),
    trpc.requestFiles.contents.query({ requestId, limit: windowRows }),
    trpc.requestFiles.list.query({ requestId, limit: windowRows }),
    trpc.requests.history.query({ requestId }),
    trpc.uploads.list.query({ requestId }),
    trpc.reasons.list.query({ locale: getLocale() }),
    trpc.rounds.list.query({ requestId }),
  ]);
  // Few requests have checksum lists. The box is loaded with them, so that it is there with the first paint.
  const ManifestBox = request.manifests
    ? (await import('#lib/features/requests/files/ManifestBox.svelte')).default
    : null;
  return { title: request.name, request, ManifestBox, contents, files, history, uploads, reasons, rounds };
};
