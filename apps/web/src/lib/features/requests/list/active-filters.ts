/** The active filters as texts, each with the change that removes it. Search and urgency have controls of their own. */
import type { DueFilter } from '@turnover/domain/requests/list-order';
import type { RequestStatus } from '@turnover/domain/requests/machine';
import * as m from '@turnover/messages/messages';
import type { AssigneeOption } from '../people/assignees.ts';
import { groupingWords } from './group-words.ts';
import type { ListQuery } from './list-query.ts';

export const dueWords: Record<DueFilter, () => string> = {
  overdue: m.requests_filter_overdue,
  soon: m.requests_filter_soon,
  week: m.requests_filter_week,
};

export type ActiveFilter = { key: string; words: string; without: Partial<ListQuery> };
type Names = {
  types: readonly { id: string; name: string }[];
  assignees: readonly AssigneeOption[];
  statusWord: (status: RequestStatus) => string;
};

/** Returns the active filters. Grouping comes last: it hides nothing, but is set in the same place. */
export function activeFilters(query: ListQuery, names: Names): ActiveFilter[] {
  const { statuses, assignee, type, due, group } = query;
  const one = (key: keyof ListQuery, label: string, value: string, none: '' | null): ActiveFilter => ({
    key,
    words: m.requests_filter_words({ label, value }),
    without: { [key]: none },
  });
  return [
    ...statuses.map((status) => ({
      key: status,
      words: names.statusWord(status),
      without: { statuses: statuses.filter((each) => each !== status) },
    })),
    ...(assignee ? [one('assignee', m.requests_filter_assignee(), assigneeWords(assignee, names), '')] : []),
    ...(type ? [one('type', m.requests_filter_type(), typeWords(type, names), '')] : []),
    ...(due ? [one('due', m.requests_filter_due(), dueWords[due](), null)] : []),
    ...(group ? [one('group', m.requests_group(), groupingWords[group](), null)] : []),
  ];
}

function assigneeWords(assignee: string, { assignees }: Names): string {
  if (assignee === 'me') return m.requests_filter_me();
  if (assignee === 'nobody') return m.requests_filter_nobody();
  return assignees.find(({ key }) => key === assignee)?.name ?? m.requests_filter_unknown();
}

function typeWords(type: string, { types }: Names): string {
  if (type === 'none') return m.requests_filter_no_type();
  return types.find(({ id }) => id === type)?.name ?? m.requests_filter_unknown();
}
