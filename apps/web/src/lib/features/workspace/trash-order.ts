/** The sort order of the trash: newest first until somebody sorts it. The browser sorts the complete trash. */
import type { TrashEntryView } from '@turnover/domain/workspace/entries';
import { getLocale } from '@turnover/messages/locale';
import * as m from '@turnover/messages/messages';
import type { Column, Sort } from '#lib/ui/tables/columns.ts';
import { labelOf } from './entry-words.ts';

export type TrashColumn = 'name' | 'folder' | 'size' | 'by' | 'deleted' | 'until';

export const newestFirst: Sort<TrashColumn> = { column: 'deleted', descending: true };

/** The columns of the trash. `TrashTable` has a cell for each, in this order. */
export const trashColumns = (): Column<TrashColumn>[] => [
  { key: 'folder', label: m.trash_column_folder(), width: 130, grows: 0.4, sort: 'text' },
  { key: 'size', label: m.workspace_size(), width: 70, number: true, sort: 'amount' },
  { key: 'by', label: m.trash_column_deleted_by(), width: 110, grows: 0.2, sort: 'text' },
  { key: 'deleted', label: m.workspace_deleted_at(), width: 104, sort: 'time' },
  { key: 'until', label: m.trash_column_kept_until(), width: 84 },
];

export function sortTrash(entries: readonly TrashEntryView[], sort: Sort<TrashColumn>): TrashEntryView[] {
  const { compare } = new Intl.Collator(getLocale(), { numeric: true, sensitivity: 'base' });
  const textOf: Partial<Record<TrashColumn, (entry: TrashEntryView) => string>> = {
    name: labelOf,
    folder: placeOf,
    by: byOf,
  };
  const numberOf = (entry: TrashEntryView) =>
    sort.column === 'size' ? entry.sizeBytes : (entry.deletedAt ?? 0);
  const text = textOf[sort.column];
  const ascending = (one: TrashEntryView, other: TrashEntryView) =>
    text ? compare(text(one), text(other)) : numberOf(one) - numberOf(other);
  return entries.toSorted((one, other) => (sort.descending ? ascending(other, one) : ascending(one, other)));
}

/** Returns the folder that an entry was in, as text. */
export function placeOf({ folder }: Pick<TrashEntryView, 'folder'>): string {
  return folder.length === 0 ? m.trash_at_root() : folder.join(' / ');
}

export function byOf({ deletedBy }: Pick<TrashEntryView, 'deletedBy'>): string {
  return deletedBy?.name ?? m.trash_by_hub();
}
