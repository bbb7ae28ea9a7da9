import { topics } from '@turnover/domain/events';
import * as m from '@turnover/messages/messages';
import { roleGrants } from '@turnover/domain/people/permissions';
import { inputOf } from '#lib/features/requests/list/list-query.ts';
import { openQuery, type Opened } from '#lib/features/requests/views/saved-query.ts';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

/** Filters and sorting are in the address, so that it can be shared. An address without them may open a saved view. */
export const load: PageLoad = async ({ fetch, params, url, depends, parent }) => {
  const projectId = params.project;
  depends(topics.requests(projectId), topics.members(projectId), topics.requestTypes(projectId));
  depends(topics.savedViews(projectId));
  const { project } = await parent();
  const trpc = createClient(fetch);
  const mayAssign = roleGrants(project.role, false, 'request:assign');
  const [{ views, opened, list }, types, members] = await Promise.all([
    listOpened(),
    trpc.requestTypes.list.query({ projectId }),
    mayAssign ? trpc.members.list.query({ projectId }) : [],
  ]);
  return { title: m.requests_title(), projectId, ...opened, views, list, types, members };

  /** Queries the views and the list together, unless the list depends on a view. */
  async function listOpened() {
    const listOf = ({ query }: Opened) =>
      trpc.requests.list.query({ ...inputOf(projectId, query, Date.now()), limit: 200 });
    const asked = openQuery(url.searchParams, []);
    const [views, early] = await Promise.all([
      trpc.savedViews.list.query({ projectId }),
      asked.isBare ? null : listOf(asked),
    ]);
    const opened = openQuery(url.searchParams, views);
    return { views, opened, list: early ?? (await listOf(opened)) };
  }
};
