/** The columns of the list of entries. `EntryRow` has a cell for each, in this order. */
import type { EntryColumn } from '@turnover/domain/workspace/entries';
import * as m from '@turnover/messages/messages';
import type { Column, NameColumn } from '#lib/ui/tables/columns.ts';

export const nameColumn = (): NameColumn<EntryColumn> => ({
  key: 'name',
  label: m.workspace_name(),
  sort: 'text',
});

/** `delivers`: false for people who may not know that requests exist. */
export const entryColumns = (delivers: boolean): Column<EntryColumn>[] => [
  { key: 'size', label: m.workspace_size(), width: 70, number: true, sort: 'amount' },
  { key: 'changed', label: m.workspace_changed(), width: 104, sort: 'time' },
  { key: 'shared', label: m.workspace_shared(), width: 72, sort: 'amount' },
  ...(delivers ? [{ key: 'delivered', label: m.delivery_column(), width: 190, grows: 0.4 }] : []),
  { key: 'state', label: m.workspace_state(), width: 172, grows: 0.2, stays: true, sort: 'steps' },
];
