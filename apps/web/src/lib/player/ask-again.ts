/** Asks for previews at once and every few seconds, because somebody who has asked for many waits until some are made. */
export function askAgain(ask: () => Promise<unknown>): () => void {
  // An error shows as nothing to play, as before.
  const run = () => void ask().catch(() => undefined);
  run();
  const timer = setInterval(run, 5000);
  return () => clearInterval(timer);
}
