/**
 * Which rows of a long list are in the document: those in sight and a few around them. All rows are of one height. A row
 * that leaves gives its element to one that comes, so that scrolling makes no new ones. Keyboard and Tab work as in
 * `roving-rows`, across rows that are not there yet.
 */
import { tick } from 'svelte';
import type { Attachment } from 'svelte/attachments';
import { nextIndex } from './roving-rows.ts';

const rowsAround = 8;
/** What the server renders, and what stands until the first measurement. */
const firstRows = 40;
const rowSelector = '[data-place]';
/** After a jump the rows around those in sight follow, so many at a time that no frame is late. */
const settleMs = { first: 120, next: 30 };
const rowsAtATime = 2;

type Range = { first: number; last: number; slots: readonly number[] };

/** `slot` names the element that shows the row. */
export type PlacedRow = { row: number; slot: number };

export class VirtualRows {
  /** As `--row` says; measured as soon as there is a row. */
  rowHeight = $state(36);
  active = $state(0);
  #range = $state.raw<Range>(placed({ first: 0, last: -1, slots: [] }, 0, firstRows - 1));
  #around = rowsAround;
  #settling: ReturnType<typeof setTimeout> | undefined;
  #body: HTMLElement | undefined;
  #scroller: HTMLElement | undefined;
  readonly #total: () => number;
  readonly #onshow: (first: number, last: number) => void;

  constructor(total: () => number, onshow: (first: number, last: number) => void) {
    this.#total = total;
    this.#onshow = onshow;
  }

  get rows(): PlacedRow[] {
    const { first, last } = this.#clamped();
    const range = this.#range;
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => ({
      row: first + index,
      // A list that has become shorter ends before the range: for a moment one row is left.
      slot: range.slots[first + index - range.first] ?? 0,
    }));
  }

  /** Rows above those that are in the document. */
  get before(): number {
    return this.#clamped().first;
  }

  get after(): number {
    return Math.max(0, this.#total() - 1 - this.#clamped().last);
  }

  /** The row that Tab leads to. */
  get tabStop(): number {
    const { first, last } = this.#clamped();
    return this.active >= first && this.active <= last ? this.active : first;
  }

  attach: Attachment<HTMLElement> = (body) => {
    this.#body = body;
    this.#scroller = scrollerOf(body);
    const stop = new AbortController();
    const { signal } = stop;
    this.#scroller.addEventListener('scroll', () => this.measure(), { signal, passive: true });
    body.addEventListener('focusin', (event) => this.#followFocus(event), { signal });
    const observer = new ResizeObserver(() => this.measure());
    observer.observe(this.#scroller);
    return () => {
      stop.abort();
      clearTimeout(this.#settling);
      observer.disconnect();
    };
  };

  /** Looks which rows are in sight now. */
  measure(): void {
    const [body, scroller] = [this.#body, this.#scroller];
    if (!body || !scroller) return;
    const height = body.querySelector(rowSelector)?.getBoundingClientRect().height;
    if (height && Math.abs(height - this.rowHeight) > 0.01) this.rowHeight = height;
    const above = scroller.getBoundingClientRect().top - body.getBoundingClientRect().top;
    const first = Math.max(0, Math.floor(above / this.rowHeight));
    const inSight = Math.ceil(scroller.clientHeight / this.rowHeight) + 1;
    this.#onshow(first, first + inSight);
    this.#show(first, first + inSight);
  }

  /** In a jump no row stays, each is filled anew: those out of sight can wait. */
  #show(first: number, last: number): void {
    const isJump = first > this.#range.last || last < this.#range.first;
    this.#around = isJump ? 0 : Math.min(rowsAround, this.#around + rowsAtATime);
    clearTimeout(this.#settling);
    if (this.#around < rowsAround) {
      this.#settling = setTimeout(() => this.measure(), isJump ? settleMs.first : settleMs.next);
    }
    const range = placed(this.#range, Math.max(0, first - this.#around), last + this.#around);
    if (range.first === this.#range.first && range.last === this.#range.last) return;
    this.#keepFocus(range);
    this.#range = range;
  }

  /** Where a key of the active row leads to. */
  next(event: KeyboardEvent): number | undefined {
    if (event.altKey || event.ctrlKey || event.metaKey) return undefined;
    const perPage = Math.floor((this.#scroller?.clientHeight ?? 0) / this.rowHeight) - 2;
    return nextIndex(event.key, this.active, this.#total(), Math.max(1, perPage));
  }

  /** Scrolls as little as it takes to see the row; or, when it is out of sight, so that it stands in the middle. */
  reveal(row: number, inMiddle = false): void {
    const [body, scroller] = [this.#body, this.#scroller];
    if (!body || !scroller) return;
    const head = headOf(body);
    const below = Number.parseFloat(getComputedStyle(scroller).paddingBottom) || 0;
    const top =
      body.getBoundingClientRect().top - scroller.getBoundingClientRect().top + row * this.rowHeight;
    const lowest = scroller.clientHeight - below - this.rowHeight;
    if (inMiddle && (top < head || top > lowest)) scroller.scrollTop += top - (head + lowest) / 2;
    else if (top < head) scroller.scrollTop += top - head;
    else if (top > lowest) scroller.scrollTop += top - lowest;
    this.measure();
  }

  async focus(row: number): Promise<void> {
    this.active = row;
    this.reveal(row);
    await tick();
    // Scrolling is done already: the browser's own would come on top of it.
    this.#element(row)?.focus({ preventScroll: true });
  }

  /** Takes the focus back without scrolling; the table has it while the active row is scrolled away. */
  refocus(): void {
    const target = this.#element(this.active) ?? this.#body?.closest('table');
    target?.focus({ preventScroll: true });
  }

  scrollToTop(): void {
    if (this.#scroller) this.#scroller.scrollTop = 0;
    this.active = 0;
    this.measure();
  }

  /** The element of a row that is scrolled away goes to another one: the table has the focus until the row is back. */
  #keepFocus({ first, last }: { first: number; last: number }): void {
    const table = this.#body?.closest('table');
    const focused = document.activeElement;
    if (!table || !focused) return;
    const isInRange = this.active >= first && this.active <= last;
    if (focused === table && isInRange) {
      void tick().then(() => this.#element(this.active)?.focus({ preventScroll: true }));
    } else if (!isInRange && this.#body?.contains(focused)) table.focus({ preventScroll: true });
  }

  #element(row: number): HTMLElement | null | undefined {
    return this.#body?.querySelector<HTMLElement>(`[data-place="${row}"]`);
  }

  #clamped(): { first: number; last: number } {
    const last = Math.min(this.#range.last, this.#total() - 1);
    return { first: Math.max(0, Math.min(this.#range.first, last)), last };
  }

  #followFocus(event: FocusEvent): void {
    const place = (event.target as Element).closest<HTMLElement>(rowSelector)?.dataset.place;
    if (place !== undefined) this.active = Number(place);
  }
}

/** Rows that stay keep their elements, the others get those that are free. */
function placed(before: Range, first: number, last: number): Range {
  const kept = Array.from(
    { length: last - first + 1 },
    (_, index) => before.slots[first + index - before.first],
  );
  const taken = new Set(kept);
  let next = 0;
  const slots = kept.map((slot) => {
    if (slot !== undefined) return slot;
    while (taken.has(next)) next += 1;
    return next++;
  });
  return { first, last, slots };
}

function scrollerOf(element: HTMLElement): HTMLElement {
  for (let parent = element.parentElement; parent; parent = parent.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(parent).overflowY)) return parent;
  }
  return document.documentElement;
}

/** What covers the rows at the top while they scroll: the head of the table, and what stays above that. */
function headOf(body: HTMLElement): number {
  const head = body.closest('table')?.tHead;
  const cell = head?.querySelector('th');
  if (!head || !cell) return 0;
  return head.offsetHeight + (Number.parseFloat(getComputedStyle(cell).top) || 0);
}
