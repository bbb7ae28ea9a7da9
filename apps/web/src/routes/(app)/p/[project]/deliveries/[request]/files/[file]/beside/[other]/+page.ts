import { error } from '@sveltejs/kit';
import { topics } from '@turnover/domain/events';
import * as m from '@turnover/messages/messages';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ fetch, params, depends }) => {
  const { request: requestId, file, other } = params;
  depends(topics.request(requestId));
  const trpc = createClient(fetch);
  const load = async (fileId: string) => {
    const [view, inspection] = await Promise.all([
      trpc.requestFiles.get.query({ fileId }),
      trpc.requestFiles.inspection.query({ fileId }),
    ]);
    // The address names a request, and must not show files of another one.
    if (view.requestId !== requestId) error(404, 'Not found.', { code: 'not_found' });
    return { file: view, report: inspection.report };
  };
  const [request, first, second] = await Promise.all([
    trpc.requests.get.query({ requestId }),
    load(other),
    load(file),
  ]);
  return { title: m.pair_title(), request, first, second };
};
