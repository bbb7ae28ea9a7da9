import { error } from '@sveltejs/kit';
import { topics } from '@turnover/domain/events';
import { parseFrameName } from '@turnover/domain/sequences/frame-names';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ fetch, params, depends }) => {
  const { project: projectId, entry: entryId } = params;
  depends(topics.workspace(projectId));
  const trpc = createClient(fetch);
  const [entry, [made]] = await Promise.all([
    trpc.workspace.get.query({ entryId }),
    trpc.workspace.previews.query({ projectId, entryIds: [entryId] }),
  ]);
  if (entry.kind !== 'file' || !made) error(404, 'Not found.', { code: 'not_found' });
  const frame = parseFrameName(entry.name)?.frame;
  const parentId = frame === undefined ? null : entry.parentId;
  const inSequence =
    parentId !== null &&
    (await trpc.workspace.frameFiles.query({ entryId: parentId, from: frame!, count: 1 })) !== null;
  return { title: entry.name, entry, made, inSequence: inSequence ? { id: parentId, frame: frame! } : null };
};
