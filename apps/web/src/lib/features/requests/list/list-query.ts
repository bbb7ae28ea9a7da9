/** The filters, sorting and grouping of the Deliveries page, as kept in the address. */
import { dayMs } from '@turnover/domain/days';
import { dueBuckets, type DueBucket } from '@turnover/domain/requests/due-buckets';
import { requestStatuses, type RequestStatus } from '@turnover/domain/requests/machine';
import type { ListRequestsInput } from '@turnover/domain/requests/list';
import {
  dueFilters,
  requestGroups,
  requestSorts,
  type DueFilter,
  type RequestGroup,
  type RequestSort,
} from '@turnover/domain/requests/list-order';
import { assigneeInputOf } from '../people/assignees.ts';

export type ListQuery = {
  statuses: RequestStatus[];
  bucket: DueBucket | null;
  /** `me`, `nobody`, or the key of a person or company; empty for anybody. */
  assignee: string;
  /** `none`, or an id; empty for any type. */
  type: string;
  due: DueFilter | null;
  search: string;
  sort: RequestSort;
  descending: boolean;
  group: RequestGroup | null;
};

/** Parses the address. Ignores invalid values. */
export function readQuery(params: URLSearchParams): ListQuery {
  const assignee = params.get('assignee') ?? '';
  const type = params.get('type') ?? '';
  return {
    statuses: requestStatuses.filter((status) => params.getAll('status').includes(status)),
    bucket: oneOf(dueBuckets, params.get('bucket')),
    assignee: /^(me|nobody|(user|company):[a-z]{3}_[a-z2-7]{26})$/.test(assignee) ? assignee : '',
    type: /^(none|typ_[a-z2-7]{26})$/.test(type) ? type : '',
    due: oneOf(dueFilters, params.get('due')),
    search: params.get('search') ?? '',
    sort: oneOf(requestSorts, params.get('sort')) ?? 'dueAt',
    descending: params.has('descending'),
    group: oneOf(requestGroups, params.get('group')),
  };
}

/**
 * Writes the query to address parameters. `viewId`: the id of the open saved view. An empty query is written
 * explicitly, so that it does not open the default view.
 */
export function writeQuery(query: ListQuery, viewId: string | null = null): string {
  const params = new URLSearchParams();
  for (const status of query.statuses) params.append('status', status);
  for (const key of ['bucket', 'assignee', 'type', 'due', 'search'] as const) {
    if (query[key]) params.set(key, query[key]);
  }
  if (query.sort !== 'dueAt') params.set('sort', query.sort);
  if (query.descending) params.set('descending', '1');
  if (query.group) params.set('group', query.group);
  if (params.size === 0) params.set('all', '1');
  if (viewId) params.set('view', viewId);
  return `?${params}`;
}

export function isFiltered({ statuses, bucket, assignee, type, due, search }: ListQuery): boolean {
  return statuses.length > 0 || [bucket, assignee, type, due, search].some(Boolean);
}

/** Returns the query in the form that the API expects. */
export function inputOf(
  projectId: string,
  query: ListQuery,
  now: number,
): Partial<ListRequestsInput> & { projectId: string } {
  const { statuses, bucket, assignee, type, due, search, sort, descending, group } = query;
  return {
    projectId,
    sort,
    descending,
    ...(statuses.length > 0 && { status: statuses }),
    ...(bucket && { bucket }),
    ...(assignee && {
      assignee: assignee === 'me' || assignee === 'nobody' ? assignee : assigneeInputOf(assignee),
    }),
    ...(type && { type }),
    ...(search && { search }),
    ...(group && { group, timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone }),
    ...dueRange(due, now),
  };
}

function dueRange(due: DueFilter | null, now: number): { dueFrom?: number; dueBefore?: number } {
  if (due === null) return {};
  // Rounds the time to minutes, so that the same query gives the same URL.
  const moment = Math.floor(now / 60_000) * 60_000;
  if (due === 'overdue') return { dueBefore: moment };
  return { dueFrom: moment, dueBefore: moment + (due === 'soon' ? 3 : 7) * dayMs };
}

function oneOf<Value extends string>(values: readonly Value[], value: string | null): Value | null {
  return values.find((each) => each === value) ?? null;
}
