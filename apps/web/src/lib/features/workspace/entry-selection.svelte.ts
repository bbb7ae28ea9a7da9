/** The selected entries of a folder. */
import {
  maxSelected,
  type EntrySelection as WireSelection,
  type EntryView,
} from '@turnover/domain/workspace/entries';
import { WindowedSelection, type Listed } from '#lib/ui/tables/windowed-selection.svelte.ts';
import type { EntryList } from './entry-list.svelte.ts';

type ListedEntries = Listed<EntryView> & Pick<EntryList, 'query'>;

export class EntrySelection extends WindowedSelection<EntryView> {
  readonly #entries: ListedEntries;
  readonly #folderId: string | null;

  constructor(list: ListedEntries, folderId: string | null) {
    super(list, maxSelected);
    this.#entries = list;
    this.#folderId = folderId;
  }

  /** The selected entries when they are known one by one; null while everything except some is selected. */
  get entries(): EntryView[] | null {
    return this.rows;
  }

  /** The total size; null while it is unknown. */
  get bytes(): number | null {
    return this.rows?.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) ?? null;
  }

  /** The selection in the form that the API expects; null when nothing is selected. */
  get wire(): WireSelection | null {
    if (this.count === 0) return null;
    const { except, rows } = this;
    if (!except) return { entryIds: (rows ?? []).map(({ id }) => id) };
    return {
      folderId: this.#folderId,
      filter: this.#entries.query.filter,
      allExcept: except.map(({ id }) => id),
    };
  }
}
