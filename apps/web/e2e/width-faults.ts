/** Finds layout faults in the lists of a page at its current width, as a reader would notice them. */
import type { Page } from '@playwright/test';

export function widthFaults(page: Page): Promise<string[]> {
  return page.evaluate(findFaults);
}

/** Finds the faults. Playwright runs this function in the page, so it cannot use anything else of this module. */
function findFaults(): string[] {
  const faults: string[] = [];
  const minNameWidth = 180;
  /** Tolerance in pixels, because browsers round the sizes of text and boxes differently. */
  const slack = 1.5;
  const said = (element: Element) =>
    `“${(element.textContent ?? '').trim().replace(/\s+/g, ' ').slice(0, 50)}”`;
  const hides = ({ display, overflowX }: CSSStyleDeclaration) =>
    overflowX !== 'visible' && display !== 'contents';

  for (const box of [
    document.documentElement,
    ...document.querySelectorAll('main, main *:has([role=grid]), .side-panel .body'),
  ]) {
    const isScrolling =
      box === document.documentElement || /auto|scroll/.test(getComputedStyle(box).overflowX);
    if (isScrolling && box.scrollWidth > box.clientWidth + slack) {
      const of = box === document.documentElement ? 'the page' : `.${box.className}`;
      faults.push(`${of} is ${box.scrollWidth} px wide in ${box.clientWidth} px`);
    }
  }
  const rows = [...document.querySelectorAll('[role=grid] [role=row]')].filter(isShown);
  for (const row of rows) {
    const name = row.querySelector('.name[role]');
    if (name && row.hasAttribute('data-row') && name.getBoundingClientRect().width < minNameWidth) {
      faults.push(`${said(row)}: ${Math.round(name.getBoundingClientRect().width)} px for the name`);
    }
    const cells = [...row.querySelectorAll('[role=gridcell], [role=columnheader]')].filter(isShown);
    for (const [index, cell] of cells.entries()) {
      if (isOutside(visiblePart(cell), row.getBoundingClientRect())) {
        faults.push(`${said(cell)} leaves its row ${said(row)}`);
      }
      for (const other of cells.slice(index + 1)) {
        if (overlap(visiblePart(cell), visiblePart(other))) {
          faults.push(`${said(cell)} and ${said(other)} overlap in ${said(row)}`);
        }
      }
    }
    findCutText(row);
    const end = row.hasAttribute('data-row') ? row.querySelector('.title .name') : null;
    if (end && isShown(end) && isEndCut(end)) faults.push(`the end of the name is cut in ${said(row)}`);
  }
  for (const row of [...document.querySelectorAll('[data-work-row] > .row')].filter(isShown)) {
    const cells = [...row.children].filter(isShown);
    for (const [index, cell] of cells.entries()) {
      if (isOutside(cell.getBoundingClientRect(), row.getBoundingClientRect())) {
        faults.push(`${said(cell)} leaves its row ${said(row)}`);
      }
      for (const other of cells.slice(index + 1)) {
        if (overlap(cell.getBoundingClientRect(), other.getBoundingClientRect())) {
          faults.push(`${said(cell)} and ${said(other)} overlap in ${said(row)}`);
        }
      }
    }
    findCutText(row);
  }
  findUnaligned('[data-work-row] > .row > .time');
  for (const head of document.querySelectorAll('.list-table :is(.bar, .head)')) {
    const first = head.closest('.list-table')?.querySelector('[data-row]');
    const isCovered =
      first &&
      isShown(head) &&
      first.getBoundingClientRect().top < head.getBoundingClientRect().bottom - slack;
    if (isCovered) faults.push(`${said(first)} lies under the head`);
  }
  for (const [index, row] of rows.entries()) {
    const next = rows[index + 1];
    if (next && row.parentElement === next.parentElement) {
      const [end, begin] = [row.getBoundingClientRect().bottom, next.getBoundingClientRect().top];
      if (end > begin + slack) faults.push(`${said(row)} overlaps the next row`);
    }
  }
  return faults;

  /** The end tells apart what begins alike: the channel, the frame, the version. */
  function isEndCut(name: Element): boolean {
    const texts = document.createTreeWalker(name, NodeFilter.SHOW_TEXT);
    let last: Text | null = null;
    for (let text = texts.nextNode(); text; text = texts.nextNode()) last = text as Text;
    if (!last || last.data === '') return false;
    const range = document.createRange();
    range.setStart(last, last.data.length - 1);
    range.setEnd(last, last.data.length);
    const letter = range.getBoundingClientRect();
    for (let box = name.parentElement; box && !box.matches('[role=grid]'); box = box.parentElement) {
      const limit = box.getBoundingClientRect();
      if (
        hides(getComputedStyle(box)) &&
        (letter.bottom > limit.bottom + slack || letter.right > limit.right + slack)
      ) {
        return true;
      }
    }
    return false;
  }

  /** The cells of a column begin at the same place in all rows. */
  function findUnaligned(cells: string) {
    const shown = [...document.querySelectorAll(cells)].filter(isShown);
    const places = new Set(shown.map((cell) => Math.round(cell.getBoundingClientRect().left)));
    if (places.size > 1) faults.push(`${cells} begin at ${[...places].join(', ')} px`);
  }

  function isShown(element: Element): boolean {
    return element.checkVisibility({ visibilityProperty: true }) && visiblePart(element) !== null;
  }

  /**
   * Returns the part of an element that its ancestors do not clip; null when it is clipped completely, such as a fact
   * for which its line has no room.
   */
  function visiblePart(element: Element): DOMRect | null {
    let { left, top, right, bottom } = element.getBoundingClientRect();
    for (
      let box = element.parentElement;
      box && !box.matches('[role=row], [role=grid]');
      box = box.parentElement
    ) {
      if (!hides(getComputedStyle(box))) continue;
      const limit = box.getBoundingClientRect();
      left = Math.max(left, limit.left);
      top = Math.max(top, limit.top);
      right = Math.min(right, limit.right);
      bottom = Math.min(bottom, limit.bottom);
    }
    return right - left > slack && bottom - top > slack
      ? new DOMRect(left, top, right - left, bottom - top)
      : null;
  }

  function isOutside(part: DOMRect | null, row: DOMRect): boolean {
    if (!part) return false;
    return (
      part.left < row.left - slack ||
      part.right > row.right + slack ||
      part.top < row.top - slack ||
      part.bottom > row.bottom + slack
    );
  }

  function overlap(one: DOMRect | null, other: DOMRect | null): boolean {
    if (!one || !other) return false;
    const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
    const high = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
    return wide > slack && high > slack;
  }

  function findCutText(row: Element) {
    const texts = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
    const next = () => texts.nextNode() as Text | null;
    const range = document.createRange();
    for (let text = next(); text; text = next()) {
      const holder = text.parentElement!;
      if (!text.data.trim() || !isShown(holder) || holder.closest('.visually-hidden')) continue;
      range.selectNodeContents(text);
      for (const rect of range.getClientRects()) {
        const fault = rect.width > 0 && faultOfText(holder, rect, row);
        if (fault) faults.push(`“${text.data.trim().slice(0, 50)}” ${fault} in ${said(row)}`);
      }
    }
  }

  /**
   * Returns the fault of a text. A text may be hidden as a whole or end with an ellipsis (except a flag); it may not be
   * clipped or leave its cell.
   */
  function faultOfText(holder: Element, rect: DOMRect, row: Element): string | null {
    for (let box: Element | null = holder; box && row.contains(box); box = box.parentElement) {
      const style = getComputedStyle(box);
      const limit = box.getBoundingClientRect();
      const isWider = rect.right > limit.right + slack || rect.left < limit.left - slack;
      const isHigher = rect.bottom > limit.bottom + slack || rect.top < limit.top - slack;
      const isHidden = rect.top >= limit.bottom - slack || rect.bottom <= limit.top + slack;
      if (!hides(style)) {
        if (isWider && box.matches('[role=gridcell], [role=columnheader]')) return 'leaves its cell';
      } else if (isWider || isHigher) {
        if (!isHidden && holder.closest('.chip')) return 'is a flag that is cut';
        const hasEllipsis = style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none';
        return isHidden || hasEllipsis ? null : `is cut by .${box.className}`;
      }
    }
    return null;
  }
}
