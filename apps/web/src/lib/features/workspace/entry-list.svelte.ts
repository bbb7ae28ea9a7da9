/** The entries of one folder. Only the visible part is loaded. */
import type { EntryOrder, EntryView, WorkspaceListView } from '@turnover/domain/workspace/entries';
import { WindowedList, type RowPage } from '#lib/ui/tables/windowed-list.svelte.ts';

export { windowRows } from '#lib/ui/tables/windowed-list.svelte.ts';

export type EntryQuery = { order: EntryOrder; filter: string };
export type EntryPage = Pick<WorkspaceListView, 'entries' | 'total'>;
type Ask = (query: EntryQuery & { offset: number; limit: number }) => Promise<EntryPage>;

export class EntryList extends WindowedList<EntryView, EntryQuery> {
  constructor(ask: Ask, query: EntryQuery, firstPage: EntryPage) {
    super(async (asked, window) => rowsOf(await ask({ ...asked, ...window })), query, rowsOf(firstPage));
  }

  /** `firstPage`: an answer that is already loaded. */
  refreshFrom(firstPage: EntryPage | undefined): Promise<void> {
    return this.refresh(firstPage && rowsOf(firstPage));
  }
}

function rowsOf({ entries, total }: EntryPage): RowPage<EntryView> {
  return { rows: entries, total };
}
