import { error } from '@sveltejs/kit';
import { topics } from '@turnover/domain/events';
import { sequenceLabel } from '@turnover/domain/sequences/frame-ranges';
import { getLocale } from '@turnover/messages/locale';
import { frameInAddress } from '#lib/player/frames/frame-address.svelte.ts';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

/** The player begins with the frame that the address names: by number, or else by its file. */
export const load: PageLoad = async ({ fetch, params, url, depends }) => {
  const [requestId, fileId] = [params.request, params.file];
  depends(topics.request(requestId), topics.reasons());
  const trpc = createClient(fetch);
  const written = url.searchParams.get('round');
  if (written !== null && !/^[1-9]\d{0,8}$/.test(written)) error(404, 'Not found.', { code: 'not_found' });
  const round = written === null ? null : Number(written);
  const [file, sequence, request, reasons] = await Promise.all([
    trpc.requestFiles.get.query({ fileId }),
    trpc.requestFiles.frames.query({ fileId, round }),
    trpc.requests.get.query({ requestId }),
    trpc.reasons.list.query({ locale: getLocale() }),
  ]);
  // The address names both, and must not show the file of another request under this one.
  if (file.requestId !== requestId || !sequence) error(404, 'Not found.', { code: 'not_found' });
  const [made] = await trpc.requestFiles.previews.query({ requestId, fileIds: [sequence.firstFile.id] });
  const title = sequenceLabel(sequence.name, sequence.frames);
  return {
    title,
    at: frameInAddress(url),
    file,
    round,
    sequence,
    request,
    reasons,
    report: made?.report ?? null,
  };
};
