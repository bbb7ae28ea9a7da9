/** When a player has previews made, and how it asks for them. */
import type { PreviewRunView } from '@turnover/domain/media/preview-runs';

/** A delivery of the same bytes leaves previews that nobody has asked for. */
export const mayBeMade = ({ status, previews }: Pick<PreviewRunView, 'status' | 'previews'>): boolean =>
  status === 'none' && previews.length === 0;

/** Asks for previews at once and every few seconds, because somebody who has asked for many waits until some are made. */
export function askAgain(ask: () => Promise<unknown>): () => void {
  // An error shows as nothing to play, as before.
  const run = () => void ask().catch(() => undefined);
  run();
  const timer = setInterval(run, 5000);
  return () => clearInterval(timer);
}
