import { topics } from '@turnover/domain/events';
import { requestStatuses, type RequestStatus } from '@turnover/domain/request-machine';
import { requestSorts } from '@turnover/domain/requests';
import * as m from '@turnover/messages/messages';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

/** What is filtered and how it is sorted stands in the address: it can be sent to somebody. */
export const load: PageLoad = async ({ fetch, params, url, depends }) => {
  const projectId = params.project;
  depends(topics.requests(projectId), topics.members(projectId));
  const statuses = url.searchParams
    .getAll('status')
    .filter((value): value is RequestStatus => isOneOf(requestStatuses, value));
  const sortAsked = url.searchParams.get('sort') ?? '';
  const query = {
    status: statuses[0] ?? null,
    search: url.searchParams.get('search') ?? '',
    sort: isOneOf(requestSorts, sortAsked) ? sortAsked : ('dueAt' as const),
    descending: url.searchParams.has('descending'),
  };
  const list = await createClient(fetch).requests.list.query({
    projectId,
    status: query.status ? [query.status] : undefined,
    search: query.search || undefined,
    sort: query.sort,
    descending: query.descending,
  });
  return { title: m.requests_title(), projectId, query, list };
};

function isOneOf<Value extends string>(values: readonly Value[], value: string): value is Value {
  return (values as readonly string[]).includes(value);
}
