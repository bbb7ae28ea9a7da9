/**
 * Which entries of a folder are chosen: some, or everything (as filtered) but some. 100,000 rows are chosen without being
 * here, and travel as what is left out.
 */
import { maxSelected, type EntrySelection as WireSelection, type EntryView } from '@turnover/domain/entries';
import type { EntryList } from './entry-list.svelte.ts';

type Listed = Pick<EntryList, 'total' | 'loaded' | 'isWhole' | 'rowOf' | 'between' | 'query'>;

export class EntrySelection {
  #chosen = $state.raw<ReadonlyMap<string, EntryView>>(new Map());
  /** Ids that are left out of everything; null while only what is chosen counts. */
  #except = $state.raw<ReadonlySet<string> | null>(null);
  /** Where a range begins. */
  #anchor: { id: string; row: number } | null = null;
  readonly #list: Listed;
  readonly #folderId: string | null;

  constructor(list: Listed, folderId: string | null) {
    this.#list = list;
    this.#folderId = folderId;
  }

  /** Of an entry in the list. */
  has(id: string): boolean {
    return this.#except ? !this.#except.has(id) : this.#chosen.has(id);
  }

  /** Of an entry that may be anywhere: of everything only what has been seen in the list is known to be meant. */
  takes(id: string): boolean {
    return this.has(id) && (!this.#except || this.#list.rowOf(id) !== undefined);
  }

  get count(): number {
    return this.#except ? Math.max(0, this.#list.total - this.#except.size) : this.#chosen.size;
  }

  get isEverything(): boolean {
    return this.count > 0 && this.count === this.#list.total;
  }

  /** Those that are known one by one; null for everything but some. */
  get entries(): EntryView[] | null {
    return this.#except ? null : [...this.#chosen.values()];
  }

  /** The only one that is chosen. */
  get single(): EntryView | undefined {
    return this.entries?.length === 1 ? this.entries[0] : undefined;
  }

  /** Null: nobody here knows. */
  get bytes(): number | null {
    return this.entries?.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) ?? null;
  }

  /** As the interface takes it; null: nothing is chosen. */
  get wire(): WireSelection | null {
    if (this.count === 0) return null;
    if (!this.#except) return { entryIds: [...this.#chosen.keys()] };
    return { folderId: this.#folderId, filter: this.#list.query.filter, allExcept: [...this.#except] };
  }

  only(entry: EntryView, row: number): void {
    this.#anchor = { id: entry.id, row };
    this.#choose([entry]);
  }

  toggle(entry: EntryView, row: number): void {
    this.#anchor = { id: entry.id, row };
    if (this.#except) {
      const except = new Set(this.#except);
      if (!except.delete(entry.id)) except.add(entry.id);
      if (except.size === this.#list.total) this.clear();
      else this.#except = except;
      return;
    }
    const chosen = new Map(this.#chosen);
    if (!chosen.delete(entry.id)) chosen.set(entry.id, entry);
    if (chosen.size <= maxSelected) this.#chosen = chosen;
  }

  /**
   * Everything from the one chosen last to this row, whether it is here or not; `adding` to what is chosen already.
   * False: more than can be chosen one by one.
   */
  async range(row: number, adding = false): Promise<boolean> {
    const anchor = this.#anchor;
    const from = anchor ? (this.#list.rowOf(anchor.id) ?? anchor.row) : row;
    if (Math.abs(row - from) >= maxSelected) return false;
    const between = await this.#list.between(Math.min(row, from), Math.max(row, from));
    const before = adding ? (this.entries ?? []) : [];
    const chosen = new Map([...before, ...between].map((entry) => [entry.id, entry]));
    if (chosen.size > maxSelected) return false;
    this.#anchor ??= between[0] ? { id: between[0].id, row } : null;
    this.#choose([...chosen.values()]);
    return true;
  }

  /** What is here as a whole is named one by one: nothing that comes later is meant by accident. */
  all(): void {
    if (this.#list.isWhole) this.#choose(this.#list.loaded);
    else {
      this.#chosen = new Map();
      this.#except = new Set();
    }
  }

  clear(): void {
    this.#choose([]);
  }

  /** After a reload: what is chosen is seen as it is now, and what is gone is no longer chosen. */
  follow(): void {
    const now = new Map(this.#list.loaded.map((entry) => [entry.id, entry]));
    const kept = [...this.#chosen.values()].flatMap((entry) => {
      const seen = now.get(entry.id);
      return seen ? [seen] : this.#list.isWhole ? [] : [entry];
    });
    if (this.#chosen.size > 0) this.#chosen = new Map(kept.map((entry) => [entry.id, entry]));
  }

  #choose(entries: readonly EntryView[]): void {
    this.#except = null;
    this.#chosen = new Map(entries.map((entry) => [entry.id, entry]));
  }
}
