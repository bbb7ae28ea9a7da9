/** Decides when a player requests previews, and repeats the request. */
import type { PreviewRunView } from '@turnover/domain/media/preview-runs';

/**
 * Returns true when previews may still be made. A delivery of the same bytes may leave previews that nobody has
 * requested.
 */
export const mayBeMade = ({ status, previews }: Pick<PreviewRunView, 'status' | 'previews'>): boolean =>
  status === 'none' && previews.length === 0;

/**
 * Requests previews at once and every few seconds, because a person with many requests must wait until some are made.
 */
export function askAgain(ask: () => Promise<unknown>): () => void {
  // After an error the player still shows that there is nothing to play.
  const run = () => void ask().catch(() => undefined);
  run();
  const timer = setInterval(run, 5000);
  return () => clearInterval(timer);
}
