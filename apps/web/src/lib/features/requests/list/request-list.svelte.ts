/**
 * The rows of the Deliveries page. A reload keeps as many rows as before, and does not move them while somebody points
 * at them.
 */
import type { RequestListView } from '@turnover/domain/requests/list';
import { heldOrder } from './held-order.ts';

export type ListedRequest = RequestListView['requests'][number];
type Page = Pick<RequestListView, 'requests' | 'groups' | 'nextCursor'>;
type Load = (page: { cursor: string; limit: number }) => Promise<Page>;

const pageRows = 500;

export class RequestList {
  #page = $state.raw<Page>({ requests: [], groups: [], nextCursor: null });
  /** The newest list, while the rows are held in an older order. */
  #newer = $state.raw<Page | null>(null);
  gone = $state.raw<ReadonlySet<string>>(new Set());
  #isHeld = false;
  /** True after the person has changed something: the next reload may then move rows at once. */
  #isExpected = false;
  /** Counts reloads, so that an answer to an older one is dropped. */
  #generation = 0;
  readonly #load: Load;

  constructor(load: Load, first: Page) {
    this.#load = load;
    this.#page = first;
  }

  get rows(): readonly ListedRequest[] {
    return this.#page.requests;
  }

  get groups(): Page['groups'] {
    return this.#page.groups;
  }

  get hasMore(): boolean {
    return this.#page.nextCursor !== null;
  }

  /** True when other rows, or another order, wait until nobody points at the rows. */
  get isBehind(): boolean {
    return this.#newer !== null;
  }

  /** Call this when the person changes something: the next reload may then move rows. */
  expect(): void {
    this.#isExpected = true;
  }

  hold(on: boolean): void {
    this.#isHeld = on;
    if (!on) this.update();
  }

  /** Applies the list that waits. */
  update(): void {
    if (this.#newer) this.#take(this.#newer);
  }

  /** Call this after the first page has reloaded. */
  async follow(first: Page): Promise<void> {
    const generation = ++this.#generation;
    const mayMove = this.#isExpected;
    this.#isExpected = false;
    const page = await this.#extend(first, this.rows.length);
    if (generation !== this.#generation) return;
    const { rows, gone, isMoved } = heldOrder(this.rows, page.requests);
    if (!isMoved || !this.#isHeld || mayMove) return this.#take(page);
    this.gone = gone;
    this.#newer = page;
    this.#page = { ...this.#page, requests: rows };
  }

  async showMore(): Promise<void> {
    this.update();
    const generation = this.#generation;
    const page = await this.#extend(this.#page, this.rows.length + 1);
    if (generation === this.#generation) this.#take(page);
  }

  #take(page: Page): void {
    this.#page = page;
    this.#newer = null;
    this.gone = new Set();
  }

  /** Returns the page extended to `count` rows, or to all rows. */
  async #extend(first: Page, count: number): Promise<Page> {
    let page = first;
    while (page.requests.length < count && page.nextCursor !== null) {
      const next = await this.#load({ cursor: page.nextCursor, limit: pageRows });
      const known = new Set(page.groups.map(({ key }) => key));
      page = {
        requests: [...page.requests, ...next.requests],
        groups: [...page.groups, ...next.groups.filter(({ key }) => !known.has(key))],
        nextCursor: next.nextCursor,
      };
    }
    return page;
  }
}
