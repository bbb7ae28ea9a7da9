import { error } from '@sveltejs/kit';
import { topics } from '@turnover/domain/events';
import { parseFrameName } from '@turnover/domain/sequences/frame-names';
import { getLocale } from '@turnover/messages/locale';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ fetch, params, depends }) => {
  const [requestId, fileId] = [params.request, params.file];
  depends(topics.request(requestId), topics.reasons());
  const trpc = createClient(fetch);
  const [file, inspection, request, reasons] = await Promise.all([
    trpc.requestFiles.get.query({ fileId }),
    trpc.requestFiles.inspection.query({ fileId }),
    trpc.requests.get.query({ requestId }),
    trpc.reasons.list.query({ locale: getLocale() }),
  ]);
  // The address names a request and a file, and must not show a file of another request.
  if (file.requestId !== requestId) error(404, 'Not found.', { code: 'not_found' });
  const frame = parseFrameName(file.name)?.frame;
  const inSequence =
    frame !== undefined &&
    (await trpc.requestFiles.frameFiles.query({ fileId, from: frame, count: 1 })) !== null;
  return { title: file.name, file, inSequence, inspection, request, reasons };
};
