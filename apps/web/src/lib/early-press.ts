/**
 * Between the first paint and hydration a button is visible but has no handler. A script in `app.html` remembers the
 * last control that was pressed meanwhile; the root layout repeats the press once every handler is attached.
 */
declare global {
  interface Window {
    earlyPress?: { control: HTMLElement | null; stop: () => void };
  }
}

/** Marks the page as listening, which browser tests wait for, and repeats an early press. */
export function startListening(): void {
  const early = window.earlyPress;
  early?.stop();
  document.documentElement.dataset.listening = 'true';
  if (early?.control?.isConnected) early.control.click();
}
