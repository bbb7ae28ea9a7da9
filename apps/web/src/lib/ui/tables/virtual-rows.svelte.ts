/**
 * Decides which rows of a long list are in the document: the visible ones and a few around them. All rows have the same
 * height. A row that leaves passes its element to one that enters, so scrolling creates no elements. Keyboard and Tab
 * work as in `roving-rows`, also across rows that are not in the document.
 */
import { tick } from 'svelte';
import type { Attachment } from 'svelte/attachments';
import { nextIndex } from './roving-rows.ts';

const rowsAround = 8;
/** The number of rows that the server renders; they are shown until the first measurement. */
const firstRows = 40;
const rowSelector = '[data-place]';
/** After a jump, the rows around the visible ones follow in small batches, so that no frame is dropped. */
const settleMs = { first: 120, next: 30 };
const rowsAtATime = 2;

type Range = { first: number; last: number; slots: readonly number[] };

/** `slot` identifies the element that shows the row. */
export type PlacedRow = { row: number; slot: number };

export class VirtualRows {
  /** Height of a row in pixels, measured as soon as there is a row; each layout of the list has its own. */
  rowHeight = $state(36);
  active = $state(0);
  #range = $state.raw<Range>(placed({ first: 0, last: -1, slots: [] }, 0, firstRows - 1));
  #around = rowsAround;
  #settling: ReturnType<typeof setTimeout> | undefined;
  #body: HTMLElement | undefined;
  #scroller: HTMLElement | undefined;
  /** Scroll position of the rows at the last measurement. */
  #top: number | null = null;
  /** Height of the header of the current layout. */
  #head = 0;
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
      // When the list gets shorter, it may end before the range; one row remains for a moment.
      slot: range.slots[first + index - range.first] ?? 0,
    }));
  }

  /** The number of rows above those in the document. */
  get before(): number {
    return this.#clamped().first;
  }

  get after(): number {
    return Math.max(0, this.#total() - 1 - this.#clamped().last);
  }

  /** The row that Tab reaches. */
  get tabStop(): number {
    const { first, last } = this.#clamped();
    return this.active >= first && this.active <= last ? this.active : first;
  }

  attach: Attachment<HTMLElement> = (body) => {
    this.#body = body;
    this.#scroller = scrollerOf(body);
    this.#head = headOf(body);
    const stop = new AbortController();
    const { signal } = stop;
    this.#scroller.addEventListener('scroll', () => this.measure(), { signal, passive: true });
    body.addEventListener('focusin', (event) => this.#followFocus(event), { signal });
    const observer = new ResizeObserver(() => {
      this.measure();
      this.#head = headOf(body);
    });
    observer.observe(this.#scroller);
    return () => {
      stop.abort();
      clearTimeout(this.#settling);
      observer.disconnect();
    };
  };

  /** Determines which rows are visible now. */
  measure(): void {
    const [body, scroller] = [this.#body, this.#scroller];
    if (!body || !scroller) return;
    const height = body.querySelector(rowSelector)?.getBoundingClientRect().height;
    if (height && Math.abs(height - this.rowHeight) > 0.01) return void this.#change(height);
    const above = topOf(body, scroller);
    this.#top = above;
    const first = Math.max(0, Math.floor(above / this.rowHeight));
    const inSight = Math.ceil(scroller.clientHeight / this.rowHeight) + 1;
    this.#onshow(first, first + inSight);
    this.#show(first, first + inSight);
  }

  /**
   * Handles a change of layout, which has other row and header heights. The active row keeps its place below the
   * header; when it is out of sight, the first visible row does.
   */
  async #change(height: number): Promise<void> {
    const [body, scroller] = [this.#body, this.#scroller];
    const before = this.rowHeight;
    this.rowHeight = height;
    if (!body || !scroller || this.#top === null) return this.measure();
    const top = this.#top + this.#head;
    const activeAt = this.active * before - top;
    const isActiveSeen = activeAt > -before && activeAt < scroller.clientHeight;
    await tick();
    this.#head = headOf(body);
    const wanted = isActiveSeen ? this.active * height - activeAt : (top / before) * height;
    scroller.scrollTop += wanted - this.#head - topOf(body, scroller);
    this.measure();
  }

  /** Shows a range. A jump fills every row again, so rows out of sight can wait. */
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

  /** Moves the focus according to the key. `leave`: called for the file manager keys for "one level up". */
  press(event: KeyboardEvent, leave?: () => unknown): void {
    if (!isOnRow(event)) return;
    const isUp = event.key === 'Backspace' || (event.key === 'ArrowUp' && event.altKey);
    const next = this.next(event);
    if (isUp && leave) leave();
    else if (next !== undefined) void this.focus(next);
    else return;
    event.preventDefault();
  }

  /** Returns the row to which a key leads from the active one. */
  next(event: KeyboardEvent): number | undefined {
    if (event.altKey || event.ctrlKey || event.metaKey) return undefined;
    const perPage = Math.floor((this.#scroller?.clientHeight ?? 0) / this.rowHeight) - 2;
    return nextIndex(event.key, this.active, this.#total(), Math.max(1, perPage));
  }

  /** Scrolls just far enough to show the row; with `inMiddle`, a row out of sight ends up in the middle. */
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
    // Scrolling is done already, so the browser must not scroll again.
    this.#element(row)?.focus({ preventScroll: true });
  }

  /**
   * Returns the focus to the active row without scrolling. The table holds the focus while that row is out of sight.
   */
  refocus(): void {
    const target = this.#element(this.active) ?? this.#body?.closest<HTMLElement>('[role="grid"]');
    target?.focus({ preventScroll: true });
  }

  scrollToTop(): void {
    if (this.#scroller) this.#scroller.scrollTop = 0;
    this.active = 0;
    this.measure();
  }

  /**
   * Moves the focus to the table when a focused row scrolls away, because its element then shows another row. It
   * returns when the row is back.
   */
  #keepFocus({ first, last }: { first: number; last: number }): void {
    const table = this.#body?.closest<HTMLElement>('[role="grid"]');
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

/** Returns true when the key was pressed on a row or on the table, not on a control inside. */
export function isOnRow({ target }: KeyboardEvent): boolean {
  return target instanceof Element && target.matches(`${rowSelector}, [role="grid"]`);
}

/** Places rows in elements. Rows that stay keep their elements; the others get free ones. */
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

function topOf(body: HTMLElement, scroller: HTMLElement): number {
  return scroller.getBoundingClientRect().top - body.getBoundingClientRect().top;
}

/** Returns the height that covers the rows while they scroll: the header of the table and what is sticky above it. */
function headOf(body: HTMLElement): number {
  const heads = body.closest('.list-table')?.querySelectorAll<HTMLElement>('.bar, .head') ?? [];
  return Math.max(
    0,
    ...Array.from(heads, (head) =>
      head.offsetHeight === 0 ? 0 : head.offsetHeight + (Number.parseFloat(getComputedStyle(head).top) || 0),
    ),
  );
}
