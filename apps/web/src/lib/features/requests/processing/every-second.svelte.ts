/** The current time, updated every second while a component reads it. */
import { createSubscriber } from 'svelte/reactivity';

const subscribe = createSubscriber((update) => {
  const timer = setInterval(update, 1000);
  return () => clearInterval(timer);
});

export function everySecond(): number {
  subscribe();
  return Date.now();
}
