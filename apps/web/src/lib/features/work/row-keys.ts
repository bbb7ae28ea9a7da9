/** Moves the focus between the rows of My work with the arrow keys, across its sections. */
export function rowKeys(container: HTMLElement): () => void {
  function press(event: KeyboardEvent): void {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const { target } = event;
    if (step === 0 || event.defaultPrevented || !(target instanceof HTMLElement)) return;
    if (target.closest('input, textarea, select, [role="menu"], [aria-haspopup="menu"]')) return;
    const row = target.closest('[data-work-row]');
    if (!row) return;
    const rows = [...container.querySelectorAll('[data-work-row]')];
    const next = rows[rows.indexOf(row) + step]?.querySelector<HTMLElement>('[data-work-link]');
    if (!next) return;
    event.preventDefault();
    next.focus();
  }
  container.addEventListener('keydown', press);
  return () => container.removeEventListener('keydown', press);
}
