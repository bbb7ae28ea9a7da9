/** The columns of the list of requests. `RequestRow` has a cell for each, in this order. */
import type { RequestSort } from '@turnover/domain/requests/list-order';
import * as m from '@turnover/messages/messages';
import type { Column, NameColumn } from '#lib/ui/tables/columns.ts';

export const nameColumn = (): NameColumn<RequestSort> => ({
  key: 'name',
  label: m.requests_column_request(),
  sort: 'text',
});

export const requestColumns = (): Column<RequestSort>[] => [
  { key: 'status', label: m.requests_column_status(), width: 130, stays: true, sort: 'steps' },
  { key: 'standing', label: m.requests_column_standing(), width: 156, stays: true },
  { key: 'dueAt', label: m.requests_column_due(), width: 122, sort: 'due' },
  { key: 'assignees', label: m.requests_column_assignees(), width: 96, grows: 0.5 },
  { key: 'fileCount', label: m.requests_column_files(), width: 76, number: true, sort: 'amount' },
  { key: 'updatedAt', label: m.requests_column_changed(), width: 90, sort: 'time' },
];
