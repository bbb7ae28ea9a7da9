/** Makes a whole table one Tab stop; arrows, Home, End and the page keys move between its rows. */
import type { Attachment } from 'svelte/attachments';

const rowSelector = '[data-row]';
const pageRows = 10;

export const rovingRows: Attachment<HTMLElement> = (list) => {
  const rows = () => [...list.querySelectorAll<HTMLElement>(rowSelector)];
  let current: HTMLElement | undefined;

  function setCurrent(row: HTMLElement | undefined) {
    if (current && current !== row) current.tabIndex = -1;
    current = row;
    if (current) current.tabIndex = 0;
  }

  /** Ensures that Tab always reaches one row, because live changes add and remove rows. */
  function keepOneStop() {
    if (!current || !list.contains(current)) setCurrent(rows()[0]);
  }

  function followFocus(event: FocusEvent) {
    const row = (event.target as HTMLElement).closest<HTMLElement>(rowSelector);
    if (row) setCurrent(row);
  }

  function move(event: KeyboardEvent) {
    if (event.target !== current || event.altKey || event.ctrlKey || event.metaKey) return;
    const all = rows();
    const next = nextIndex(event.key, all.indexOf(current), all.length);
    if (next === undefined) return;
    event.preventDefault();
    all[next]?.focus();
    all[next]?.scrollIntoView({ block: 'nearest' });
  }

  keepOneStop();
  const observer = new MutationObserver(keepOneStop);
  observer.observe(list, { childList: true, subtree: true });
  list.addEventListener('focusin', followFocus);
  list.addEventListener('keydown', move);
  return () => {
    observer.disconnect();
    list.removeEventListener('focusin', followFocus);
    list.removeEventListener('keydown', move);
  };
};

export function nextIndex(
  key: string,
  index: number,
  length: number,
  perPage = pageRows,
): number | undefined {
  const last = length - 1;
  if (last < 0) return undefined;
  const targets: Record<string, number> = {
    ArrowDown: index + 1,
    ArrowUp: index - 1,
    PageDown: index + perPage,
    PageUp: index - perPage,
    Home: 0,
    End: last,
  };
  const target = targets[key];
  return target === undefined ? undefined : Math.min(last, Math.max(0, target));
}
