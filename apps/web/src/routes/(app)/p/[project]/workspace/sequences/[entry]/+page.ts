import { error } from '@sveltejs/kit';
import { topics } from '@turnover/domain/events';
import { frameInAddress } from '#lib/player/frames/frame-address.svelte.ts';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

/** The address may name a frame, with which the player begins. */
export const load: PageLoad = async ({ fetch, params, url, depends }) => {
  const { project: projectId, entry: entryId } = params;
  depends(topics.workspace(projectId));
  const trpc = createClient(fetch);
  const [entry, sequence] = await Promise.all([
    trpc.workspace.get.query({ entryId }),
    trpc.workspace.frames.query({ entryId }),
  ]);
  if (!sequence) error(404, 'Not found.', { code: 'not_found' });
  const [made] = await trpc.workspace.previews.query({ projectId, entryIds: [sequence.firstFile.id] });
  const beginsAt = frameInAddress(url) ?? sequence.frames.first;
  return { title: entry.name, entry, sequence, beginsAt, report: made?.report ?? null };
};
