/**
 * The selected rows of a long list: single rows, or everything that matches the filter except some rows. It can select
 * 100,000 rows without loading them, and sends only the exceptions.
 */
import type { WindowedList } from './windowed-list.svelte.ts';

export type Listed<Row extends { id: string }> = Pick<
  WindowedList<Row, object>,
  'total' | 'loaded' | 'isWhole' | 'rowOf' | 'between'
>;

export class WindowedSelection<Row extends { id: string }> {
  #chosen = $state.raw<ReadonlyMap<string, Row>>(new Map());
  /** Rows excluded from "everything"; null while single rows are selected. */
  #except = $state.raw<ReadonlyMap<string, Row> | null>(null);
  /** Where a range starts. */
  #anchor: { id: string; row: number } | null = null;
  readonly #list: Listed<Row>;
  readonly #max: number;

  /** `max`: the number of rows that can be selected one by one. */
  constructor(list: Listed<Row>, max: number) {
    this.#list = list;
    this.#max = max;
  }

  /** Returns true when a row of the list is selected. */
  has(id: string): boolean {
    return this.#except ? !this.#except.has(id) : this.#chosen.has(id);
  }

  /**
   * Returns true when a row from anywhere is selected. With "everything" selected, this is known only for rows that the
   * list has loaded.
   */
  takes(id: string): boolean {
    return this.has(id) && (!this.#except || this.#list.rowOf(id) !== undefined);
  }

  get count(): number {
    return this.#except ? Math.max(0, this.#list.total - this.#except.size) : this.#chosen.size;
  }

  get isEverything(): boolean {
    return this.count > 0 && this.count === this.#list.total;
  }

  /** The selected rows when they are known one by one; null while everything except some is selected. */
  get rows(): Row[] | null {
    return this.#except ? null : [...this.#chosen.values()];
  }

  /** The selected row when it is the only one. */
  get single(): Row | undefined {
    return this.rows?.length === 1 ? this.rows[0] : undefined;
  }

  /** The exceptions from "everything"; null while single rows are selected. */
  get except(): readonly Row[] | null {
    return this.#except && [...this.#except.values()];
  }

  only(chosen: Row, row: number): void {
    this.#anchor = { id: chosen.id, row };
    this.#choose([chosen]);
  }

  toggle(toggled: Row, row: number): void {
    this.#anchor = { id: toggled.id, row };
    if (this.#except) {
      const except = new Map(this.#except);
      if (!except.delete(toggled.id)) except.set(toggled.id, toggled);
      if (except.size === this.#list.total) this.clear();
      else this.#except = except;
      return;
    }
    const chosen = new Map(this.#chosen);
    if (!chosen.delete(toggled.id)) chosen.set(toggled.id, toggled);
    if (chosen.size <= this.#max) this.#chosen = chosen;
  }

  /**
   * Selects everything from the last selected row to this one, loaded or not; `adding` keeps the existing selection.
   * Returns false when there are more rows than can be selected one by one.
   */
  async range(row: number, adding = false): Promise<boolean> {
    const anchor = this.#anchor;
    const from = anchor ? (this.#list.rowOf(anchor.id) ?? anchor.row) : row;
    if (Math.abs(row - from) >= this.#max) return false;
    const between = await this.#list.between(Math.min(row, from), Math.max(row, from));
    const before = adding ? (this.rows ?? []) : [];
    const chosen = new Map([...before, ...between].map((each) => [each.id, each]));
    if (chosen.size > this.#max) return false;
    this.#anchor ??= between[0] ? { id: between[0].id, row } : null;
    this.#choose([...chosen.values()]);
    return true;
  }

  /**
   * Selects everything. A list that is completely loaded is selected row by row, so that rows added later are not
   * selected by accident.
   */
  all(): void {
    if (this.#list.isWhole) this.#choose(this.#list.loaded);
    else {
      this.#chosen = new Map();
      this.#except = new Map();
    }
  }

  clear(): void {
    this.#choose([]);
  }

  /** Call this after a reload: it refreshes the selected rows and drops those that no longer exist. */
  follow(): void {
    const now = new Map(this.#list.loaded.map((each) => [each.id, each]));
    const kept = [...this.#chosen.values()].flatMap((each) => {
      const seen = now.get(each.id);
      return seen ? [seen] : this.#list.isWhole ? [] : [each];
    });
    if (this.#chosen.size > 0) this.#chosen = new Map(kept.map((each) => [each.id, each]));
  }

  #choose(rows: readonly Row[]): void {
    this.#except = null;
    this.#chosen = new Map(rows.map((each) => [each.id, each]));
  }
}
