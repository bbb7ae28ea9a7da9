/**
 * Converts between the query of the Deliveries page and that of a saved view, and decides which of the two an address
 * asks for.
 */
import type { SavedQuery, SavedViewView } from '@turnover/domain/requests/saved-views';
import { assigneeInputOf } from '../people/assignees.ts';
import { readQuery, type ListQuery } from '../list/list-query.ts';

export function savedQueryOf({ assignee, type, ...rest }: ListQuery): SavedQuery {
  return {
    ...rest,
    type: type === '' ? null : type,
    assignee:
      assignee === ''
        ? null
        : assignee === 'me' || assignee === 'nobody'
          ? assignee
          : assigneeInputOf(assignee),
  };
}

/** Converts a saved query; null means everything, by due date. */
export function listQueryOf(saved: SavedQuery | null): ListQuery {
  if (saved === null) return readQuery(new URLSearchParams());
  const { assignee, type, ...rest } = saved;
  return { ...rest, type: type ?? '', assignee: assigneeKeyOf(assignee) };
}

function assigneeKeyOf(assignee: SavedQuery['assignee']): string {
  if (assignee === null || typeof assignee === 'string') return assignee ?? '';
  return 'userId' in assignee ? `user:${assignee.userId}` : `company:${assignee.companyId}`;
}

export type Opened = {
  query: ListQuery;
  view: SavedViewView | null;
  /** True when the address has no filters. */
  isBare: boolean;
  /** True when the address names a view that the person does not have. */
  isViewGone: boolean;
};

/**
 * Decides what an address shows. Without filters it opens the view that it names, or else the default view. With
 * filters, the filters are applied, so that the link to a view shows the same list to a person who does not have the
 * view.
 */
export function openQuery(params: URLSearchParams, views: readonly SavedViewView[]): Opened {
  const named = params.get('view');
  const isBare = [...params.keys()].every((key) => key === 'view');
  const view =
    views.find(({ id, isDefault }) => (named === null ? isBare && isDefault : id === named)) ?? null;
  const query = isBare ? listQueryOf(view?.query ?? null) : readQuery(params);
  return { query, view, isBare, isViewGone: isBare && named !== null && view === null };
}
