/** The present moment for relative times: what reads `now()` in a template is drawn anew as it passes. */
import { createSubscriber } from 'svelte/reactivity';

const everyMs = 15_000;

const subscribe = createSubscriber((update) => {
  const timer = setInterval(update, everyMs);
  return () => clearInterval(timer);
});

export function now(): number {
  subscribe();
  return Date.now();
}
