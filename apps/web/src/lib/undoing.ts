/** Runs changes whose outcome a toast reports, and their undo. */
import * as m from '@turnover/messages/messages';
import { wordsForCaught } from './errors.ts';
import { toaster, type ToastAction } from './ui/overlays/toaster.svelte.ts';

export type Reload = () => Promise<void>;

export function undoAction(undo: () => Promise<unknown>, reload: Reload): ToastAction {
  return { label: m.action_undo(), run: () => saying(undo, reload) };
}

/** Runs the change, reloads, and shows an error. Returns false on failure. */
export async function saying(change: () => Promise<unknown>, reload: Reload): Promise<boolean> {
  try {
    await change();
    return true;
  } catch (error) {
    toaster.show({ text: wordsForCaught(error), tone: 'bad' });
    return false;
  } finally {
    await reload();
  }
}
