/** Short messages about what just happened, with actions such as Undo. Used only in the browser. */
import type { Tone } from '../text/icon.ts';
import { shownMs } from './toast-time.ts';

/** An action of a toast. The toast stays while it runs, so that people see the progress and cannot start it twice. */
export type ToastAction = { label: string; run: () => unknown };
type NewToast = {
  text: string;
  tone?: Tone;
  /** A page that the text is about; its name follows the text. */
  link?: { label: string; href: string };
  /** A second line. */
  detail?: string;
  action?: ToastAction;
  /** The action that most people need next. */
  mainAction?: ToastAction;
  /** True keeps the toast until somebody dismisses it or uses an action. */
  stays?: boolean;
};
export type Toast = NewToast & { id: number; tone: Tone };

const maxAtOnce = 4;

/**
 * Why toasts stay longer. The pointer or the focus on one holds all of them; an open dialog holds those with an action, which
 * people reach only when it closes.
 */
type HoldReason = 'pointer' | 'focus' | `dialog ${string}`;

class Toaster {
  toasts = $state<Toast[]>([]);
  #nextId = 1;
  #timers = new Map<number, ReturnType<typeof setTimeout>>();
  readonly #holds = new Set<HoldReason>();

  show({ tone = 'flat', ...rest }: NewToast): number {
    const toast: Toast = { id: this.#nextId++, tone, ...rest };
    this.toasts = [...this.toasts, toast].slice(-maxAtOnce);
    this.#startTimer(toast);
    return toast.id;
  }

  dismiss(id: number): void {
    this.#stopTimer(id);
    this.toasts = this.toasts.filter((toast) => toast.id !== id);
    // The last toast takes the focus with it, and no event reports that.
    if (this.toasts.length === 0) this.release('focus');
  }

  /** Holds toasts until `release` is called with the same reason. Then each is shown for its whole time again. */
  hold(reason: HoldReason): void {
    this.#holds.add(reason);
    for (const toast of this.toasts) if (this.#isHeld(toast)) this.#stopTimer(toast.id);
  }

  release(reason: HoldReason): void {
    if (!this.#holds.delete(reason)) return;
    for (const toast of this.toasts) if (!this.#timers.has(toast.id)) this.#startTimer(toast);
  }

  #isHeld({ action }: Toast): boolean {
    return action ? this.#holds.size > 0 : this.#holds.has('pointer') || this.#holds.has('focus');
  }

  /** Starts the timer. An error with an action stays until somebody dismisses it. */
  #startTimer(toast: Toast): void {
    if (this.#isHeld(toast) || toast.stays || (toast.tone === 'bad' && toast.action)) return;
    this.#timers.set(
      toast.id,
      setTimeout(() => this.dismiss(toast.id), shownMs(toast)),
    );
  }

  #stopTimer(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }
}

export const toaster = new Toaster();
