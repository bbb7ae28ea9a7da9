import { topics } from '@turnover/domain/events';
import * as m from '@turnover/messages/messages';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ fetch, params, url, depends }) => {
  const projectId = params.project;
  depends(topics.requestTypes(projectId));
  const archived = url.searchParams.has('archived');
  const { requestTypes } = createClient(fetch);
  const [types, stages] = await Promise.all([
    requestTypes.list.query({ projectId, archived }),
    requestTypes.stages.query({ projectId }),
  ]);
  return { title: m.types_title(), types, stages, archived };
};
