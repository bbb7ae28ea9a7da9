import { topics } from '@turnover/domain/events';
import * as m from '@turnover/messages/messages';
import { roleGrants } from '@turnover/domain/people/permissions';
import { inputOf, readQuery } from '#lib/features/requests/list/list-query.ts';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

/** Filters and sorting are in the address, so that it can be sent to somebody. */
export const load: PageLoad = async ({ fetch, params, url, depends, parent }) => {
  const projectId = params.project;
  depends(topics.requests(projectId), topics.members(projectId), topics.requestTypes(projectId));
  const { project } = await parent();
  const query = readQuery(url.searchParams);
  const trpc = createClient(fetch);
  const mayAssign = roleGrants(project.role, false, 'request:assign');
  const [list, types, members] = await Promise.all([
    trpc.requests.list.query({ ...inputOf(projectId, query, Date.now()), limit: 200 }),
    trpc.requestTypes.list.query({ projectId }),
    mayAssign ? trpc.members.list.query({ projectId }) : [],
  ]);
  return { title: m.requests_title(), projectId, query, list, types, members };
};
