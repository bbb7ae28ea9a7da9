/** Which files of a request are chosen; what left the list is no longer chosen. */
import type { FileSelection as WireSelection } from '@turnover/domain/request-files';

type Listed = { id: string };
/** The interface takes at most so many names at once. */
const mostOnTheWire = 1000;

export class FileSelection {
  #chosen = $state.raw<ReadonlySet<string>>(new Set());
  #last: string | null = null;
  #listed: () => readonly Listed[];
  ids = $derived.by(() => new Set(this.#listed().flatMap(({ id }) => (this.#chosen.has(id) ? [id] : []))));

  constructor(listed: () => readonly Listed[]) {
    this.#listed = listed;
  }

  /** `range`: everything from the one chosen last to this one. */
  toggle(id: string, range: boolean): void {
    const next = new Set(this.ids);
    if (range && this.#last) for (const between of this.#between(this.#last, id)) next.add(between);
    else if (next.has(id)) next.delete(id);
    else next.add(id);
    this.#last = id;
    this.#chosen = next;
  }

  all(on: boolean): void {
    this.#chosen = new Set(on ? this.#listed().map(({ id }) => id) : []);
  }

  clear(): void {
    this.#chosen = new Set();
  }

  /** A selection of nearly everything travels as what is left out. */
  onTheWire(fileIds: readonly string[]): WireSelection {
    if (fileIds.length <= mostOnTheWire) return { fileIds: [...fileIds] };
    const chosen = new Set(fileIds);
    return { allExcept: this.#listed().flatMap(({ id }) => (chosen.has(id) ? [] : [id])) };
  }

  #between(from: string, to: string): string[] {
    const ids = this.#listed().map(({ id }) => id);
    const [first, last] = [ids.indexOf(from), ids.indexOf(to)].sort((one, other) => one - other);
    return ids.slice(Math.max(0, first ?? 0), (last ?? 0) + 1);
  }
}
