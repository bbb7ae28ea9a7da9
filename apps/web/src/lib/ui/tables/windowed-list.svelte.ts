/**
 * A long list that loads only the viewed windows, each when it comes into view. Answers to an outdated query are
 * dropped, so that two orders never mix.
 */

export const windowRows = 200;
/** The most windows kept, enough to scroll around for long; the least recently viewed ones are dropped first. */
const maxWindows = 12;

export type RowPage<Row> = { rows: readonly Row[]; total: number };
type Ask<Row, Query> = (query: Query, window: { offset: number; limit: number }) => Promise<RowPage<Row>>;

export class WindowedList<Row extends { id: string }, Query extends object> {
  total = $state(0);
  /** The current query; its rows follow when the answer arrives. */
  query = $state.raw() as Query;
  /** True while a query that replaces all rows is running. */
  changing = $state(false);
  error = $state.raw<unknown>(null);
  #windows = $state.raw<ReadonlyMap<number, readonly Row[]>>(new Map());
  /** Incremented with each query, so that an answer to an older query is dropped. */
  #generation = 0;
  #asked = new Set<number>();
  #visible = { first: 0, last: 0 };
  readonly #ask: Ask<Row, Query>;

  constructor(ask: Ask<Row, Query>, query: Query, firstPage: RowPage<Row>) {
    this.#ask = ask;
    this.query = query;
    this.#take(new Map([[0, firstPage]]));
  }

  /** The loaded rows in order. */
  get loaded(): Row[] {
    return [...this.#windows.values()].flat();
  }

  get isWhole(): boolean {
    let rows = 0;
    for (const window of this.#windows.values()) rows += window.length;
    return rows === this.total;
  }

  at(row: number): Row | undefined {
    return this.#windows.get(Math.floor(row / windowRows))?.[row % windowRows];
  }

  rowOf(rowId: string): number | undefined {
    for (const [number, rows] of this.#windows) {
      const place = rows.findIndex(({ id }) => id === rowId);
      if (place >= 0) return number * windowRows + place;
    }
    return undefined;
  }

  /** Sets the visible rows and fetches those that are missing. */
  async show(first: number, last: number): Promise<void> {
    this.#visible = { first, last };
    if (this.error || this.changing) return;
    const missing = this.#visibleWindows().filter(
      (number) => !this.#windows.has(number) && !this.#asked.has(number),
    );
    await Promise.all(missing.map((number) => this.#fetch(number)));
  }

  change(query: Partial<Query>): Promise<void> {
    this.query = { ...this.query, ...query };
    this.#visible = { first: 0, last: 0 };
    this.changing = true;
    return this.refresh();
  }

  /** Fetches the visible rows again and drops the others. `firstPage`: an answer that is already loaded. */
  async refresh(firstPage?: RowPage<Row>): Promise<void> {
    const generation = ++this.#generation;
    this.#asked.clear();
    const numbers = this.#visibleWindows();
    try {
      const pages = await Promise.all(
        numbers.map(async (number) => {
          const known = number === 0 && firstPage;
          return [number, known || (await this.#page(number))] as const;
        }),
      );
      if (generation === this.#generation) this.#take(new Map(pages));
    } catch (error) {
      if (generation === this.#generation) this.#fail(error);
    }
  }

  /** Returns the rows between two positions, both included; fetches the missing ones. */
  async between(first: number, last: number): Promise<Row[]> {
    const { query } = this;
    const found: Row[] = [];
    for (let row = first; row <= last;) {
      const number = Math.floor(row / windowRows);
      const from = number * windowRows;
      const rows = this.#windows.get(number) ?? (await this.#page(number, query)).rows;
      found.push(...rows.slice(row - from, last + 1 - from));
      row = from + windowRows;
    }
    return found;
  }

  #visibleWindows(): number[] {
    const lastRow = Math.max(0, this.total - 1);
    const first = Math.floor(Math.min(this.#visible.first, lastRow) / windowRows);
    const last = Math.floor(Math.min(this.#visible.last, lastRow) / windowRows);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  }

  #page(number: number, query = this.query): Promise<RowPage<Row>> {
    return this.#ask(query, { offset: number * windowRows, limit: windowRows });
  }

  async #fetch(number: number): Promise<void> {
    const generation = this.#generation;
    this.#asked.add(number);
    try {
      const page = await this.#page(number);
      if (generation !== this.#generation) return;
      this.total = page.total;
      this.#windows = this.#bounded(new Map([...this.#windows, [number, page.rows]]));
      this.error = null;
    } catch (error) {
      if (generation === this.#generation) this.#fail(error);
    } finally {
      if (generation === this.#generation) this.#asked.delete(number);
    }
  }

  #take(pages: ReadonlyMap<number, RowPage<Row>>): void {
    this.#windows = new Map([...pages].map(([number, { rows }]) => [number, rows]));
    for (const { total } of pages.values()) this.total = total;
    this.changing = false;
    this.error = null;
  }

  #fail(error: unknown): void {
    this.error = error;
    this.changing = false;
  }

  /** Drops the oldest windows. A window moves to the end of the map when it is fetched, so the oldest comes first. */
  #bounded(windows: Map<number, readonly Row[]>): Map<number, readonly Row[]> {
    const visible = this.#visibleWindows();
    for (const number of windows.keys()) {
      if (windows.size <= maxWindows) break;
      if (!visible.includes(number)) windows.delete(number);
    }
    return windows;
  }
}
