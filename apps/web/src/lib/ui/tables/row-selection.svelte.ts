/** The selected rows of a list. A row that leaves the list is deselected. */

type Row = { id: string };

export class RowSelection {
  #chosen = $state.raw<ReadonlySet<string>>(new Set());
  #last: string | null = null;
  protected readonly listed: () => readonly Row[];
  ids = $derived.by(() => new Set(this.listed().flatMap(({ id }) => (this.#chosen.has(id) ? [id] : []))));

  constructor(listed: () => readonly Row[]) {
    this.listed = listed;
  }

  /** Toggles a row. `range`: selects everything from the last selected row to this one. */
  toggle(id: string, range: boolean): void {
    const next = new Set(this.ids);
    if (range && this.#last) for (const between of this.#between(this.#last, id)) next.add(between);
    else if (next.has(id)) next.delete(id);
    else next.add(id);
    this.#last = id;
    this.#chosen = next;
  }

  /** Selects only this row. */
  only(id: string): void {
    this.#last = id;
    this.#chosen = new Set([id]);
  }

  /** Adds these rows to the selection, or removes them. */
  put(ids: readonly string[], on: boolean): void {
    this.#chosen = new Set(on ? [...this.ids, ...ids] : [...this.ids].filter((id) => !ids.includes(id)));
  }

  all(on: boolean): void {
    this.#chosen = new Set(on ? this.listed().map(({ id }) => id) : []);
  }

  clear(): void {
    this.#chosen = new Set();
  }

  #between(from: string, to: string): string[] {
    const ids = this.listed().map(({ id }) => id);
    const [first, last] = [ids.indexOf(from), ids.indexOf(to)].sort((one, other) => one - other);
    return ids.slice(Math.max(0, first ?? 0), (last ?? 0) + 1);
  }
}
