import { topics } from '@turnover/domain/events';
import * as m from '@turnover/messages/messages';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ fetch, params, depends }) => {
  const projectId = params.project;
  depends(topics.members(projectId));
  const report = await createClient(fetch).projects.access.query({ projectId });
  return { title: m.access_title(), report };
};
