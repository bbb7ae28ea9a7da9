import { error, redirect } from '@sveltejs/kit';
import { topics } from '@turnover/domain/events';
import { parseFrameName } from '@turnover/domain/sequences/frame-names';
import * as m from '@turnover/messages/messages';
import { frameInAddress } from '#lib/player/frames/frame-address.svelte.ts';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

/** The address names a frame of the later round and the same one of the earlier round, with which both players begin. */
export const load: PageLoad = async ({ fetch, params, url, depends }) => {
  const { project, request: requestId, file: laterId, other: earlierId } = params;
  depends(topics.request(requestId));
  const rounds = /^([1-9]\d{0,8})-([1-9]\d{0,8})$/.exec(url.searchParams.get('rounds') ?? '');
  if (!rounds) error(404, 'Not found.', { code: 'not_found' });
  const trpc = createClient(fetch);
  const sideOf = async (fileId: string, round: number) => {
    const [file, sequence] = await Promise.all([
      trpc.requestFiles.get.query({ fileId }),
      trpc.requestFiles.frames.query({ fileId, round }),
    ]);
    // The address names a request, and must not show files of another one.
    if (file.requestId !== requestId) error(404, 'Not found.', { code: 'not_found' });
    // A file that is alone in its round is compared as a file.
    if (!sequence)
      redirect(307, `/p/${project}/deliveries/${requestId}/files/${laterId}/beside/${earlierId}`);
    const fileIds = [sequence.firstFile.id];
    const [made] = await trpc.requestFiles.previews.query({ requestId, fileIds });
    return { fileId, round, sequence, report: made?.report ?? null, frame: parseFrameName(file.name)?.frame };
  };
  const [request, first, second] = await Promise.all([
    trpc.requests.get.query({ requestId }),
    sideOf(earlierId, Number(rounds[1])),
    sideOf(laterId, Number(rounds[2])),
  ]);
  const at = frameInAddress(url) ?? second.frame ?? second.sequence.frames.first;
  return { title: m.pair_title(), request, first, second, at };
};
