/**
 * Which rows of a long list are chosen: some, or everything (as filtered) but some. 100,000 rows are chosen without being
 * here, and travel as what is left out.
 */
import type { WindowedList } from './windowed-list.svelte.ts';

export type Listed<Row extends { id: string }> = Pick<
  WindowedList<Row, object>,
  'total' | 'loaded' | 'isWhole' | 'rowOf' | 'between'
>;

export class WindowedSelection<Row extends { id: string }> {
  #chosen = $state.raw<ReadonlyMap<string, Row>>(new Map());
  /** Ids that are left out of everything; null while only what is chosen counts. */
  #except = $state.raw<ReadonlySet<string> | null>(null);
  /** Where a range begins. */
  #anchor: { id: string; row: number } | null = null;
  readonly #list: Listed<Row>;
  readonly #most: number;

  /** `most`: so many can be chosen one by one. */
  constructor(list: Listed<Row>, most: number) {
    this.#list = list;
    this.#most = most;
  }

  /** Of a row in the list. */
  has(id: string): boolean {
    return this.#except ? !this.#except.has(id) : this.#chosen.has(id);
  }

  /** Of a row that may be anywhere: of everything only what has been seen in the list is known to be meant. */
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
  get rows(): Row[] | null {
    return this.#except ? null : [...this.#chosen.values()];
  }

  /** The only one that is chosen. */
  get single(): Row | undefined {
    return this.rows?.length === 1 ? this.rows[0] : undefined;
  }

  /** Of everything but some: those. Null: only what is chosen counts. */
  get except(): readonly string[] | null {
    return this.#except && [...this.#except];
  }

  only(chosen: Row, row: number): void {
    this.#anchor = { id: chosen.id, row };
    this.#choose([chosen]);
  }

  toggle(toggled: Row, row: number): void {
    this.#anchor = { id: toggled.id, row };
    if (this.#except) {
      const except = new Set(this.#except);
      if (!except.delete(toggled.id)) except.add(toggled.id);
      if (except.size === this.#list.total) this.clear();
      else this.#except = except;
      return;
    }
    const chosen = new Map(this.#chosen);
    if (!chosen.delete(toggled.id)) chosen.set(toggled.id, toggled);
    if (chosen.size <= this.#most) this.#chosen = chosen;
  }

  /**
   * Everything from the one chosen last to this row, whether it is here or not; `adding` to what is chosen already.
   * False: more than can be chosen one by one.
   */
  async range(row: number, adding = false): Promise<boolean> {
    const anchor = this.#anchor;
    const from = anchor ? (this.#list.rowOf(anchor.id) ?? anchor.row) : row;
    if (Math.abs(row - from) >= this.#most) return false;
    const between = await this.#list.between(Math.min(row, from), Math.max(row, from));
    const before = adding ? (this.rows ?? []) : [];
    const chosen = new Map([...before, ...between].map((each) => [each.id, each]));
    if (chosen.size > this.#most) return false;
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
