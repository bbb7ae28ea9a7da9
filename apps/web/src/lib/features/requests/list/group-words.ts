/** The titles of the groups in the list of requests. */
import { addDays } from '@turnover/domain/days';
import type { RequestListView } from '@turnover/domain/requests/list';
import type { RequestGroup } from '@turnover/domain/requests/list-order';
import * as m from '@turnover/messages/messages';
import { formatDay } from '#lib/format.ts';

type Group = RequestListView['groups'][number];

export const groupingWords: Record<RequestGroup, () => string> = {
  type: m.requests_group_type,
  company: m.requests_group_company,
  dueWeek: m.requests_group_due_week,
};

const noneWords: Record<RequestGroup, () => string> = {
  type: m.requests_filter_no_type,
  company: m.requests_group_no_company,
  dueWeek: m.due_none,
};

export function groupName({ kind, name }: Group, by: RequestGroup, now: number): string {
  if (kind === 'named') return name!;
  if (kind === 'week') return weekName(name!, now);
  if (kind === 'several') return m.requests_group_several();
  return kind === 'finished' ? m.requests_group_finished() : noneWords[by]();
}

function weekName(monday: string, now: number): string {
  const thisMonday = mondayOf(now);
  const near: Record<string, () => string> = {
    [addDays(thisMonday, -7)]: m.requests_group_last_week,
    [thisMonday]: m.requests_group_this_week,
    [addDays(thisMonday, 7)]: m.requests_group_next_week,
  };
  const day = formatDay(new Date(`${monday}T12:00`).getTime(), now);
  return near[monday]?.() ?? m.requests_group_week_of({ day });
}

/** Returns the Monday of the week, by the reader's clock. */
function mondayOf(at: number): string {
  const date = new Date(at);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return addDays(day, -((date.getDay() + 6) % 7));
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
