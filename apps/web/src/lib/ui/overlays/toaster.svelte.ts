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

class Toaster {
  toasts = $state<Toast[]>([]);
  #nextId = 1;
  #timers = new Map<number, ReturnType<typeof setTimeout>>();

  show({ tone = 'flat', ...rest }: NewToast): number {
    const toast: Toast = { id: this.#nextId++, tone, ...rest };
    this.toasts = [...this.toasts, toast].slice(-maxAtOnce);
    this.#startTimer(toast);
    return toast.id;
  }

  dismiss(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.toasts = this.toasts.filter((toast) => toast.id !== id);
  }

  /** Keeps the toasts while the pointer or the focus is on them. */
  hold(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  release(): void {
    this.hold();
    for (const toast of this.toasts) this.#startTimer(toast);
  }

  /** Starts the timer. An error with an action stays until somebody dismisses it. */
  #startTimer(toast: Toast): void {
    if (toast.stays || (toast.tone === 'bad' && toast.action)) return;
    this.#timers.set(
      toast.id,
      setTimeout(() => this.dismiss(toast.id), shownMs(toast)),
    );
  }
}

export const toaster = new Toaster();
