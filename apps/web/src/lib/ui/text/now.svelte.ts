/** The current time for relative times: a template that reads `now()` is updated as time passes. */
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
