import { topics } from '@turnover/domain/events';
import * as m from '@turnover/messages/messages';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ fetch, params, url, depends }) => {
  const projectId = params.project;
  depends(topics.requestTypes(projectId));
  const archived = url.searchParams.has('archived');
  const types = await createClient(fetch).requestTypes.list.query({ projectId, archived });
  return { title: m.types_title(), types, archived };
};
